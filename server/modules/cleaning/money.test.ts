import { describe, expect, test } from 'vitest'
import { cleanMoney, cleanQuantity, currencyOf, guessDecimalComma, minorDigitsOf } from './money.ts'

function read(text: string, options?: Parameters<typeof cleanMoney>[1]) {
  const outcome = cleanMoney(text, options)
  return outcome.value === null ? outcome.problem : `${outcome.value.minor} ${outcome.value.currency}`
}

test.each([
  ['3280', '328000 CNY'],
  ['29.33', '2933 CNY'],
  ['29.3', '2930 CNY'],
  ['-0.05', '-5 CNY'],
  ['0.00', '0 CNY'],
  ['¥3,280', '328000 CNY'],
  ['￥1,234,567.89', '123456789 CNY'],
  ['2800元', '280000 CNY'],
  ['人民币2800元', '280000 CNY'],
  ['RMB 2800', '280000 CNY'],
  ['2,800.5 CNY', '280050 CNY'],
  ['３２８０', '328000 CNY'],
  ['1.2万', '1200000 CNY'],
  ['¥1.5万元', '1500000 CNY'],
  ['1,5 тыс. руб.', '150000 RUB'],
  ['3 280,50 ₽', '328050 RUB'],
  ['3\u00a0280,50 руб.', '328050 RUB'],
  ['$29.33', '2933 USD'],
  ['US$ 29', '2900 USD'],
  ['HK$100', '10000 HKD'],
  ['100港币', '10000 HKD'],
  ['€1.234,50', '123450 EUR'],
  ["1'234.50", '123450 CNY'],
  ['₩12,000', '12000 KRW'],
  ['(12.00)', '-1200 CNY'],
  ['(¥1,200.00)', '-120000 CNY'],
  ['-12', '-1200 CNY'],
  ['−12', '-1200 CNY'],
  ['12-', '-1200 CNY'],
  ['-¥12.5', '-1250 CNY'],
  ['1,234', '123400 CNY'],
  ['1,5', '150 CNY'],
  ['3279.9999999', '328000 CNY'],
  ['0.30000000000000004', '30 CNY'],
  ['0.005', '1 CNY'],
])('%s is %s', (text, expected) => expect(read(text)).toBe(expected))

test.each([
  ['1.2E+5', 'money.lost_digits'],
  ['12,34,567', 'money.ambiguous'],
  ['1.234,567.8', 'money.ambiguous'],
  ['1 2 3', 'money.ambiguous'],
  ['XYZ 5', 'money.unknown_currency'],
  ['₿5', 'money.unknown_currency'],
  ['2800元/人', 'money.unreadable'],
  ['两千', 'money.unreadable'],
  ['1'.repeat(40), 'money.too_large'],
  ['999999999999999', 'money.too_large'],
  ['-999999999999.99', 'money.too_large'],
])('%s is refused: %s', (text, problem) => expect(read(text)).toBe(problem))

test.each(['', '-', null, 'NULL'])('%j is nothing', (text) => {
  expect(cleanMoney(text)).toEqual({ value: null, problem: null })
})

test('what was rounded, multiplied or turned is said', () => {
  expect(cleanMoney('29.33')).toMatchObject({ change: null })
  expect(cleanMoney('¥3,280')).toMatchObject({ change: 'money.form' })
  expect(cleanMoney('29.333')).toMatchObject({ change: 'money.rounded' })
  expect(cleanMoney('1.2万')).toMatchObject({ change: 'money.multiplied' })
  expect(cleanMoney('(12.00)')).toMatchObject({ change: 'money.negative_in_brackets' })
})

describe('hints', () => {
  test('of the column about its decimals', () => {
    expect(read('1.234', { decimalComma: true })).toBe('123400 CNY')
    expect(read('1,234', { decimalComma: true })).toBe('123 CNY')
    expect(guessDecimalComma(['1.234', '12,50', '3,99'])).toBe(true)
    expect(guessDecimalComma(['1,234', '12.50'])).toBe(false)
    expect(guessDecimalComma(['1,234', '12'])).toBeUndefined()
  })
  test('of the currency, with its own number of decimals', () => {
    expect(read('100', { currency: 'JPY' })).toBe('100 JPY')
    expect(read('¥100', { currency: 'JPY' })).toBe('100 JPY')
    expect(read('1.234', { currency: 'KWD' })).toBe('1234 KWD')
    expect(read('$5', { currency: 'HKD' })).toBe('500 HKD')
    expect(minorDigitsOf('CNY')).toBe(2)
    expect(() => minorDigitsOf('XYZ')).toThrow(/XYZ/)
  })
})

test('currencies by code, sign and word', () => {
  expect(['CNY', 'usd', '人民币', 'RMB', '元', '₽', 'руб.', '港币', '港幣'].map((text) => currencyOf(text))).toEqual([
    'CNY',
    'USD',
    'CNY',
    'CNY',
    'CNY',
    'RUB',
    'RUB',
    'HKD',
    'HKD',
  ])
  expect(currencyOf('foo')).toBeNull()
})

test.each([
  ['2', 2],
  ['2.0', 2],
  ['2张', 2],
  ['x2', 2],
  ['2 шт.', 2],
  ['1,000', 1000],
  ['-1', -1],
])('%s is a quantity of %d', (text, quantity) => expect(cleanQuantity(text).value).toBe(quantity))

test('a quantity is whole', () => {
  expect(cleanQuantity('1.5')).toEqual({ value: null, problem: 'quantity.not_whole' })
  expect(cleanQuantity('many')).toEqual({ value: null, problem: 'quantity.unreadable' })
})
