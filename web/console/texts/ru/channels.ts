import type { Russian } from '../forms.ts'
import type { channels as zh } from '../zh/channels.ts'

export const channels: Russian<typeof zh> = {
  'frame.channels': 'Каналы',
  'channels.others': 'Другие каналы',
  'channels.members': 'Участники',
  'channels.orders': 'Заказы',
  'channels.last': 'Последние данные',
  'channels.nothing': 'Данных пока нет',
  'channels.quietSince': 'тихо: {{at}}',
  'channels.noneTitle': 'Каналов пока нет',
  'channels.none': 'При первом импорте укажите магазин, сайт или площадку, откуда файл, — так появится канал.',
  'channels.rename': 'Переименовать',
  'channels.renameOf': 'Переименовать {{name}}',
  'channels.name': 'Название',
  'channels.nameNeeded': 'Введите название',
  'channels.codeStays': 'Код {{code}} не изменится.',
  'channels.save': 'Сохранить',
}
