import type { Russian } from '../forms.ts'
import type { frame as zh } from '../zh/frame.ts'

export const frame: Russian<typeof zh> = {
  'frame.noPage': 'Такой страницы нет',
  'frame.noPageHint': 'Возможно, в адресе опечатка или страница переехала.',
  'frame.toMembers': 'К участникам',
  'frame.members': 'Участники',
  'frame.imports': 'Импорт',
  'frame.settings': 'Настройки',
  'frame.areas': 'Разделы',
  'frame.find': 'Найти',
  'frame.skip': 'К содержанию',
  'frame.me': ': язык, оформление, выход',
  'frame.language': 'Язык',
  'frame.dark': 'Тёмное оформление',
  'frame.light': 'Светлое оформление',
  'frame.signOut': 'Выйти',
  'frame.stillIn': 'Выйти не удалось, вход ещё действует. Попробуйте ещё раз.',

  'jump.words': 'Имя, пиньинь, телефон, 4 последние цифры или раздел',
  'jump.found': 'Найдено',
  'jump.page': 'Раздел',
  'jump.looking': 'Ищем…',
  'jump.none': 'Ничего не найдено',

  'signIn.title': 'Вход в Roundtrip',
  'signIn.entering': 'Выполняется вход',
  'signIn.moment': 'Одну секунду…',
  'signIn.how':
    'Войдите по одноразовой ссылке администратора. Первую программа печатает при первом запуске; чтобы получить новую, выполните на том же компьютере:',
  'signIn.once': 'Ссылка действует один раз, в течение 24 часов.',

  'failure.title': 'Не удалось открыть',
  'failure.general': 'Непредвиденная ошибка: {{message}}',
  'failure.again': 'Повторить',
  'failure.number': 'Номер ответа',

  cancel: 'Отмена',
  copy: 'Копировать',
  copied: 'Скопировано',
  comma: ', ',
  masked: 'скрыто',
  reasonNeeded: 'Укажите причину, она сохранится вместе с действием',

  'role.administrator': 'Администратор',
  'role.marketer': 'Маркетолог группы',
  'role.company-manager': 'Директор компании',
  'role.store-manager': 'Директор магазина',
  'role.store-staff': 'Сотрудник магазина',
  'role.guide': 'Гид',
  'role.service-agent': 'Оператор поддержки',
  'role.operations': 'Операционный отдел',
  'role.quality': 'Контроль качества',
  'role.finance': 'Финансы',
  'role.auditor': 'Аудитор',
}
