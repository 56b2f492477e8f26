/** What holds for every cell that a file may contain: an answer, soon, and the same answer when it is cleaned again. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cleanBirthDate,
  cleanCountry,
  cleanDateTime,
  cleanDocument,
  cleanEmail,
  cleanGender,
  cleanMoney,
  cleanName,
  cleanOrderStatus,
  cleanPaymentMethod,
  cleanPhone,
  cleanQuantity,
  cleanText,
  comparableNames,
  type Outcome,
} from './index.ts'

const today = '2026-07-01'
const cleaners: Record<string, (text: string) => Outcome<unknown>> = {
  phone: (text) => cleanPhone(text),
  name: (text) => cleanName({ name: text }),
  twoNames: (text) => cleanName({ familyName: text.slice(0, 2), givenName: text.slice(2) }),
  birthDate: (text) => cleanBirthDate(text, { today }),
  dateTime: (text) => cleanDateTime(text, { timeZone: 'Asia/Shanghai' }),
  document: (text) => cleanDocument(null, text),
  card: (text) => cleanDocument('身份证', text),
  money: (text) => cleanMoney(text),
  quantity: (text) => cleanQuantity(text),
  email: (text) => cleanEmail(text),
  gender: (text) => cleanGender(text),
  country: (text) => cleanCountry(text),
  status: (text) => cleanOrderStatus(text),
  payment: (text) => cleanPaymentMethod(text),
  text: (text) => cleanText(text),
}

// Letters, digits and signs that the cleaners look for, so that chance meets their branches.
const letters = (units: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...units), maxLength })
const lettersOfNames = fc.oneof(
  letters('王李欧阳小明伟總某老师先生总姐·、(（ 　*12', 12),
  letters('王李小WANG wei', 12),
  letters('WANG wei Xiaoming, .-/Mr', 20),
  letters('Иванов Петр.-г', 20),
)
const cell = fc.oneof(
  lettersOfNames,
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  letters('0123456789', 20),
  letters('0123456789+-./,: ()eE*元万年月日王小明先生x@·转　１２', 24),
)

describe.each(Object.entries(cleaners))('%s', (_, clean) => {
  test('answers with a value or a reason to any text', () => {
    fc.assert(
      fc.property(cell, (text) => {
        const outcome = clean(text)
        expect(outcome.value === null ? 'problem' in outcome : 'change' in outcome).toBe(true)
      }),
      { numRuns: 1500 },
    )
  })

  test('is not held up by a hostile text', () => {
    const hostile = ['1', ' ', '1 ', '(', '1,', 'a@', 'a.', '王', '王 ', '·', '-', '/', ':', 'x1', 'É', '1:1 ']
    // Whoever reads such a text in more than linear time meets the time-out of the test.
    for (const part of hostile) {
      for (const length of [100, 1_000, 100_000]) clean(part.repeat(length))
    }
  })
})

describe('what was cleaned stays as it is', () => {
  const stays = (clean: (text: string) => string | null) =>
    fc.assert(
      fc.property(cell, (text) => {
        const once = clean(text)
        if (once !== null) expect(clean(once)).toBe(once)
      }),
      { numRuns: 3000 },
    )

  test('phones', () => stays((text) => cleanPhone(text).value?.number ?? null))
  test('e-mail', () => stays((text) => cleanEmail(text).value))
  test('birth dates', () => stays((text) => cleanBirthDate(text, { today }).value))
  test('documents', () => stays((text) => cleanDocument(null, text).value?.number ?? null))
  test('texts', () => stays((text) => cleanText(text).value))
  test('names', () => {
    fc.assert(
      fc.property(lettersOfNames, (text) => {
        const once = cleanName({ name: text }).value
        if (once === null) return
        const again = cleanName({ name: once.display, familyName: once.family, givenName: once.given }).value
        expect(again?.key).toBe(once.key)
        expect(again?.display).toBe(once.display)
      }),
      { numRuns: 3000 },
    )
  })
})

test('comparing names doesn’t depend on which one is asked about', () => {
  fc.assert(
    fc.property(cell, cell, (a, b) => {
      const [x, y] = [cleanName({ name: a }).value?.key ?? null, cleanName({ name: b }).value?.key ?? null]
      expect(comparableNames(x, y)).toBe(comparableNames(y, x))
      if (x !== null) expect(comparableNames(x, x)).toBe('same')
    }),
    { numRuns: 2000 },
  )
})
