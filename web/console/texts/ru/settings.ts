import type { Russian } from '../forms.ts'
import type { settings as zh } from '../zh/settings.ts'

export const settings: Russian<typeof zh> = {
  'keys.title': 'Ключи API',
  'keys.why': 'Для скриптов и других систем. Владелец ключа может всё, что может роль ключа.',
  'keys.none': 'Ключей пока нет.',
  'keys.add': 'Новый ключ',
  'keys.make': 'Создать ключ',
  'keys.name': 'Для чего',
  'keys.nameExample': 'Например: ночной обмен с сайтом',
  'keys.nameNeeded': 'Дайте имя, которое узнаете и через год',
  'keys.role': 'Роль',
  'keys.shownOnce': 'Ключ показывается только один раз. Скопируйте и сохраните его сейчас.',
  'keys.secret': 'Ключ',
  'keys.kept': 'Ключ сохранён',
  'keys.used': 'использован {{at}}',
  'keys.unused': 'ещё не использован',
  'keys.since': 'Создан {{at}}',
  'keys.end': 'Отключить',
  'keys.endTitle': 'Отключить «{{name}}»?',
  'keys.endEffect': 'Скрипты с этим ключом сразу перестанут работать. Вернуть его нельзя.',

  'links.title': 'Ссылка для входа',
  'links.why':
    'Для другого администратора или для вас на другом компьютере. По ссылке можно один раз войти как администратор.',
  'links.make': 'Создать ссылку',
  'links.until': 'Действует до {{at}}',
}
