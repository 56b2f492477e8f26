import { describe, expect, test } from 'vitest'
import { cleanPhone } from './phones.ts'

const numberOf = (text: string, region?: 'CN' | 'RU' | 'US') =>
  cleanPhone(text, region ? { region } : {}).value?.number ?? null
const problemOf = (text: string) => {
  const outcome = cleanPhone(text)
  return outcome.value === null ? outcome.problem : `read as ${outcome.value.number}`
}

describe('one mainland mobile, however it is written, is one number', () => {
  test.each([
    ['13800138000', null],
    ['+8613800138000', null],
    ['138 0013 8000', 'phone.spacing'],
    ['138-0013-8000', 'phone.spacing'],
    ['138.0013.8000', 'phone.spacing'],
    [' 138\u00a00013\u20098000 ', 'phone.spacing'],
    ['（+86）138-0013-8000', 'phone.spacing'],
    ['+86-13800138000', 'phone.spacing'],
    ["'13800138000", 'phone.spacing'],
    ['="13800138000"', 'phone.spacing'],
    ['13,800,138,000', 'phone.spacing'],
    ['１３８００１３８０００', 'phone.full_width'],
    ['008613800138000', 'phone.country_code'],
    ['8613800138000', 'phone.country_code'],
    ['0086 138 0013 8000', 'phone.country_code'],
    ['013800138000', 'phone.spacing'],
    ['13800138000.0', 'phone.decimal'],
    ['1.3800138000E+10', 'phone.scientific'],
    ['手机：13800138000', 'phone.note_removed'],
    ['13800138000（妈妈）', 'phone.note_removed'],
  ])('%j', (text, change) => {
    expect(cleanPhone(text)).toEqual({
      value: { number: '+8613800138000', extension: null, others: [] },
      change,
    })
  })
})

describe('what a spreadsheet rounded is never guessed', () => {
  test.each(['1.38E+10', '1.38001E+10', '1,38E+10', '13800000000', '8.61380E+12', '8613800000000', '+8613800000000'])(
    '%s',
    (text) => expect(problemOf(text)).toBe('phone.rounded'),
  )

  test('a number of a lucky kind is no rounded one', () => {
    expect(numberOf('13888888888')).toBe('+8613888888888')
    expect(numberOf('13812000000')).toBe('+8613812000000')
  })
})

test.each([
  ['138****8000', 'phone.masked'],
  ['138 xxxx 8000', 'phone.masked'],
  ['1380013800', 'phone.too_short'],
  ['138001380001', 'phone.too_long'],
  ['95588', 'phone.too_short'],
  ['62791234', 'phone.no_area_code'],
  ['79161234567', 'phone.ambiguous'],
  ['00000000000', 'phone.invalid'],
  ['12345678901', 'phone.invalid'],
  ['12800138000', 'phone.invalid'],
  ['0912345678', 'phone.invalid'],
  ['110101199003070078', 'phone.too_long'],
  ['微信同号', 'phone.unreadable'],
  ['1380013800O', 'phone.too_short'],
  ['138a0013b8000', 'phone.unreadable'],
])('%s is refused: %s', (text, problem) => expect(problemOf(text)).toBe(problem))

test.each([null, undefined, '', '  ', '-', '无', 'N/A', 'NULL'])('%j is nothing', (text) => {
  expect(cleanPhone(text)).toEqual({ value: null, problem: null })
})

describe('other phones than mainland mobiles', () => {
  test.each([
    ['010-62791234', '+861062791234'],
    ['(0755) 8234 5678', '+8675582345678'],
    ['1062791234', '+861062791234'],
    ['400-810-8888', '+864008108888'],
    ['+852 9123 4567', '+85291234567'],
    ['0085291234567', '+85291234567'],
    ['85291234567', '+85291234567'],
    ['+7 916 123-45-67', '+79161234567'],
    ['8 (916) 123-45-67', '+79161234567'],
    ['+1 (415) 555-2671', '+14155552671'],
    ['886912345678', '+886912345678'],
  ])('%s → %s', (text, number) => expect(numberOf(text)).toBe(number))

  test('a region other than China decides what a national number means', () => {
    expect(numberOf('8 916 123 45 67', 'RU')).toBe('+79161234567')
    expect(numberOf('9161234567', 'RU')).toBe('+79161234567')
    expect(numberOf('(415) 555-2671', 'US')).toBe('+14155552671')
    expect(numberOf('8613800138000', 'RU')).toBe('+8613800138000')
  })

  test('an assumed country is said', () => {
    expect(cleanPhone('8 916 123 45 67')).toMatchObject({ change: 'phone.country_assumed' })
  })

  test.each(['010-62791234-802', '010-62791234转802', '(010)62791234 ext. 802', '010-62791234 x802'])(
    'the extension of %s is kept apart',
    (text) => {
      expect(cleanPhone(text)).toMatchObject({
        value: { number: '+861062791234', extension: '802' },
        change: 'phone.extension',
      })
    },
  )
})

describe('several numbers in one cell', () => {
  test.each([
    '13800138000/13900139000',
    '138 0013 8000、139 0013 9000',
    '13800138000 13900139000',
    '13800138000\n13900139000',
  ])('%j: the first is taken, the other kept', (text) => {
    expect(cleanPhone(text)).toEqual({
      value: { number: '+8613800138000', extension: null, others: ['+8613900139000'] },
      change: 'phone.several',
    })
  })

  test('an unreadable first one gives way to the next', () => {
    expect(cleanPhone('1380013800/13900139000')).toMatchObject({ value: { number: '+8613900139000', others: [] } })
  })
})

test('a hostile cell is answered, before the test runs out of time', () => {
  for (const text of ['1 '.repeat(50_000), '('.repeat(100_000), '1-'.repeat(99), `${'a1'.repeat(90)}`]) cleanPhone(text)
})
