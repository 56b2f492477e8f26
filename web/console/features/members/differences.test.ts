import { expect, test } from 'vitest'
import { piecesOf } from './differences.ts'

const marked = (text: string, other: string) =>
  piecesOf(text, other)
    .map((piece) => (piece.same ? piece.text : `[${piece.text}]`))
    .join('')

test('marks what the other text does not have in the same order', () => {
  expect(marked('林晚晴', '林晚睛')).toBe('林晚[晴]')
  expect(marked('1988-06-04', '1988-04-06')).toMatch(/^1988-0/)
  expect(marked('Harringotn', 'Harrington')).toBe('Harring[o]tn')
  expect(marked('欧阳无双', '欧阳无双')).toBe('欧阳无双')
  expect(marked('王', '林')).toBe('[王]')
  expect(marked('', '林')).toBe('')
})

test('what stands in both together with what is marked is the text itself', () => {
  for (const [one, other] of [
    ['abcabba', 'cbabac'],
    ['𠮷野家', '吉野家'],
    ['x'.repeat(90), 'x'.repeat(91)],
  ] as const)
    expect(
      piecesOf(one, other)
        .map(({ text }) => text)
        .join(''),
    ).toBe(one)
})
