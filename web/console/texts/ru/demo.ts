import type { Russian } from '../forms.ts'
import type { demo as zh } from '../zh/demo.ts'

export const demo: Russian<typeof zh> = {
  'demo.title': 'Демонстрационная группа',
  'demo.filling': 'Заполняется вымышленными участниками и заказами, готово {{percent}}%.',
  'demo.ready': 'Все данные вымышлены, для знакомства: участников — {{members, number}}, заказов — {{orders, number}}.',
  'demo.clear': 'Чтобы очистить, выполните на компьютере, где работает программа:',
}
