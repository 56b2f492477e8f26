import { expect, test } from 'vitest'
import { mentionsOf } from './mentions.ts'

const { isIn, strippedOf } = mentionsOf([
  { name: '林晚晴', phone: '+8613808066721', email: 'wanqing@example.com', documentNumber: '510104198806044321' },
])

test.for([
  '138 0806 6721',
  '+86-138-0806-6721',
  '１３８０８０６６７２１',
  '林晚晴',
  'WanQing@Example.com',
  '510104198806044321 ',
])('finds the person in %s', (text) => {
  expect(isIn(text)).toBe(true)
})

test.for(['13900001111', '王建国', '成都', '', '2026-01-01'])('leaves %s to others', (text) => {
  expect(isIn(text)).toBe(false)
})

test('takes what names them out of a sentence, and all of it where it can’t be told apart', () => {
  expect(strippedOf('林晚晴 来店要求删除')).toBe('••• 来店要求删除')
  expect(strippedOf('电话 138-0806-6721 要求删除')).toBe('•••')
})
