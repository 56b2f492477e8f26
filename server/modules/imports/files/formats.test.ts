import { expect, test } from 'vitest'
import { builtinFormat, customFormat, formattedText, numberText } from './formats.ts'

test.each([
  ['1.3800138E10', '13800138000'],
  ['0.30000000000000004', '0.3'],
  ['29.330000000000002', '29.33'],
  ['1.10101199003074E+17', '110101199003074000'],
  ['6222021234567890123', '6222021234567890123'],
  ['-0', '-0'],
  ['0.0', '0'],
  ['1E-7', '0.0000001'],
  ['-1.5e3', '-1500'],
  ['1e300', '1e+300'],
  ['12abc', '12abc'],
])('the number %s is shown as %s', (stored, shown) => {
  expect(numberText(stored)).toBe(shown)
})

test.each([
  ['yyyy-mm-dd', 'date'],
  ['yyyy"年"m"月"d"日"', 'date'],
  ['[$-804]yyyy\\年m\\月;@', 'date'],
  ['[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy', 'date'],
  ['mmm', 'date'],
  ['e/m/d', 'date'],
  ['yyyy/m/d\\ h:mm;@', 'datetime'],
  ['m/d/yy h:mm AM/PM', 'datetime'],
  ['上午/下午h"时"mm"分"', 'time'],
  ['mm:ss.0', 'time'],
  ['[h]:mm:ss', 'elapsed'],
  ['0.00E+00', 'number'],
  ['#,##0.00 "days"', 'number'],
  ['[Red]0.0;[Blue]-0.0', 'number'],
  ['General', 'number'],
  ['"Yes";"Yes";"No"', 'number'],
  ['_-* #,##0\\ [$₽-419]_-', 'number'],
  ['000000', 'padded'],
])('the format %s is a %s', (code, kind) => {
  expect(customFormat(code).kind).toBe(kind)
})

const from1900 = (stored: string, format: string | number) =>
  formattedText(stored, typeof format === 'number' ? builtinFormat(format) : customFormat(format), false)

test.each([
  ['45292', 14, '2024-01-01'],
  ['45292.5', 14, '2024-01-01T12:00:00'],
  ['45292', 22, '2024-01-01T00:00:00'],
  ['45291.9999999', 22, '2024-01-01T00:00:00'],
  ['45292.520833333336', 'yyyy/m/d h:mm', '2024-01-01T12:30:00'],
  ['1', 14, '1900-01-01'],
  ['59', 14, '1900-02-28'],
  ['60', 14, '1900-02-29'],
  ['61', 14, '1900-03-01'],
  ['33000', 57, '1990-05-07'],
  ['0.75', 20, '18:00:00'],
  ['1.5', 46, '36:00:00'],
  ['0', 14, '0'],
  ['-5', 14, '-5'],
  ['2958465', 14, '9999-12-31'],
  ['99999999', 14, '99999999'],
  ['123', '000000', '000123'],
  ['12.5', '000000', '12.5'],
])('%s in format %s is %s', (stored, format, shown) => {
  expect(from1900(stored, format)).toBe(shown)
})

test('the 1904 system begins four years later', () => {
  expect(formattedText('0', builtinFormat(14), true)).toBe('1904-01-01')
  expect(formattedText('43830', builtinFormat(14), true)).toBe('2024-01-01')
})
