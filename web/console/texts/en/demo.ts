import type { English } from '../forms.ts'
import type { demo as zh } from '../zh/demo.ts'

export const demo: English<typeof zh> = {
  'demo.title': 'Demonstration group',
  'demo.filling': 'Invented members and orders are being filled in, {{percent}}% so far.',
  'demo.ready': 'All of its {{members, number}} members and {{orders, number}} orders are invented, to try things on.',
  'demo.clear': 'To clear it, run this on the machine where the program lives:',
}
