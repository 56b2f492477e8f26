import { describe, expect, test } from 'vitest'
import { cleanBirthDate, cleanDate, cleanDateTime, dateOfParts, guessDayFirst } from './dates.ts'

const today = '2026-07-01'
const birth = (text: string, dayFirst?: boolean) => cleanBirthDate(text, { today, dayFirst })
const instant = (text: string, timeZone = 'Asia/Shanghai', dayFirst?: boolean) => {
  const outcome = cleanDateTime(text, { timeZone, dayFirst })
  return outcome.value === null ? outcome.problem : outcome.value.toISOString()
}

describe('4 June 1987 in every form', () => {
  test.each([
    ['1987-06-04', null],
    [' 1987-06-04\r', null],
    ['1987-06-04T00:00:00', null],
    ['1987-6-4', 'date.form'],
    ['1987/6/4', 'date.form'],
    ['1987/6/4 0:00:00', 'date.form'],
    ['1987.6.4', 'date.form'],
    ['1987 06 04', 'date.form'],
    ['１９８７－０６－０４', 'date.form'],
    ['19870604', 'date.form'],
    ['19870604.0', 'date.form'],
    ['1987年6月4日', 'date.form'],
    ['1987年06月04日出生', 'date.form'],
    ['1987年6月4号', 'date.form'],
    ['一九八七年六月四日', 'date.form'],
    ['民国76年6月4日', 'date.form'],
    ['04.06.1987', 'date.form'],
    ['4.6.1987 г.', 'date.form'],
    ['4 июня 1987 г.', 'date.form'],
    ['June 4, 1987', 'date.form'],
    ['4 Jun 1987', 'date.form'],
    ['Thu, 04 Jun 1987', 'date.form'],
    ['31932', 'date.serial_number'],
    ['31932.0', 'date.serial_number'],
    ['87-06-04', 'date.two_digit_year'],
    ['87/6/4', 'date.two_digit_year'],
    ['870604', 'date.two_digit_year'],
    ['4.6.87', 'date.two_digit_year'],
    ['4-Jun-87', 'date.two_digit_year'],
  ])('%s', (text, change) => expect(birth(text)).toEqual({ value: '1987-06-04', change }))
})

describe('day and month', () => {
  test('are told apart by what is impossible', () => {
    expect(birth('25/06/1987')).toEqual({ value: '1987-06-25', change: 'date.order' })
    expect(birth('06/25/1987')).toEqual({ value: '1987-06-25', change: 'date.order' })
  })
  test('else by the hint', () => {
    expect(birth('05/06/1987', true).value).toBe('1987-06-05')
    expect(birth('05/06/1987', false).value).toBe('1987-05-06')
    expect(birth('5/6/87', false).value).toBe('1987-05-06')
  })
  test('and without one are not guessed', () => {
    expect(birth('05/06/1987')).toEqual({ value: null, problem: 'date.ambiguous' })
    expect(birth('06/06/1987').value).toBe('1987-06-06')
  })
  test('the hint of a column comes from its values that can be read in one way', () => {
    expect(guessDayFirst(['01/02/2015', '13/02/2015', '02/03/2015'])).toBe(true)
    expect(guessDayFirst(['01/02/2015', '02/13/2015'])).toBe(false)
    expect(guessDayFirst(['01/02/2015', '2015-02-13', 'x'])).toBeUndefined()
  })
})

test.each([
  ['2026-02-30', 'date.impossible'],
  ['19450631', 'date.impossible'],
  ['1987-13-01', 'date.impossible'],
  ['29.02.1900', 'date.impossible'],
  ['1987-06', 'date.partial'],
  ['198706', 'date.partial'],
  ['1987', 'date.partial'],
  ['1987年6月', 'date.partial'],
  ['6月4日', 'date.partial'],
  ['July 1987', 'date.partial'],
  ['1899-12-31', 'date.too_old'],
  ['2026-07-02', 'date.future'],
  ['0000-00-00', 'date.placeholder'],
  ['1900-01-01', 'date.placeholder'],
  ['农历1987年五月初九', 'date.lunar'],
  ['四十岁', 'date.unreadable'],
  ['39', 'date.unreadable'],
])('a birth date %s is refused: %s', (text, problem) => expect(birth(text)).toEqual({ value: null, problem }))

test('a leap day exists only in leap years', () => {
  expect(birth('2024-02-29').value).toBe('2024-02-29')
  expect(birth('2000-02-29').value).toBe('2000-02-29')
  expect(birth('2023-02-29').value).toBeNull()
})

test('two digits of a year mean the last hundred years up to today', () => {
  expect(birth('26-06-30').value).toBe('2026-06-30')
  expect(birth('26-07-02').value).toBe('1926-07-02')
  expect(birth('30-01-01').value).toBe('1930-01-01')
})

test('a birthday that a program wrote as a moment in UTC is the day in the group’s time zone', () => {
  // Shanghai had summer time in 1987.
  const at = '1987-06-03T15:00:00.000Z'
  expect(cleanBirthDate(at, { today, timeZone: 'Asia/Shanghai' }).value).toBe('1987-06-04')
})

describe('instants', () => {
  test.each([
    ['2026-07-01', '2026-06-30T16:00:00.000Z'],
    ['2026-07-01 10:00:00', '2026-07-01T02:00:00.000Z'],
    ['2026-07-01 10:00', '2026-07-01T02:00:00.000Z'],
    ['2026-07-01T10:00:00Z', '2026-07-01T10:00:00.000Z'],
    ['2026-07-01T10:00:00.25+08:00', '2026-07-01T02:00:00.250Z'],
    ['2026-07-01 10:00 +0300', '2026-07-01T07:00:00.000Z'],
    ['2026/7/1 下午3:05', '2026-07-01T07:05:00.000Z'],
    ['2026年7月1日 15时30分', '2026-07-01T07:30:00.000Z'],
    ['2026年7月1日下午3点', '2026-07-01T07:00:00.000Z'],
    ['Wed, 01 Jul 2015 10:00:00 GMT', '2015-07-01T10:00:00.000Z'],
    ['20150701123000', '2015-07-01T04:30:00.000Z'],
    ['45000.5', '2023-03-15T04:00:00.000Z'],
    ['1751328000', '2025-07-01T00:00:00.000Z'],
    ['1751328000000', '2025-07-01T00:00:00.000Z'],
    ['19970101', '1996-12-31T16:00:00.000Z'],
    ['2026-02-30 10:00', 'date.impossible'],
    ['2026-07-01 25:00', 'date.impossible'],
    ['7/8/2026 3:05 PM', 'date.ambiguous'],
    ['yesterday', 'date.unreadable'],
  ])('%s → %s', (text, expected) => expect(instant(text)).toBe(expected))

  test('summer time is that of the day', () => {
    expect(instant('2026-07-01 10:00', 'Europe/Berlin')).toBe('2026-07-01T08:00:00.000Z')
    expect(instant('2026-01-01 10:00', 'Europe/Berlin')).toBe('2026-01-01T09:00:00.000Z')
    // The day of the switch itself.
    expect(instant('2026-03-29 01:30', 'Europe/Berlin')).toBe('2026-03-29T00:30:00.000Z')
    expect(instant('2026-03-29 03:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
  })

  test('with a hint both orders are read', () => {
    expect(instant('7/8/2026 3:05 PM', 'UTC', false)).toBe('2026-07-08T15:05:00.000Z')
    expect(instant('7/8/2026 15:05', 'UTC', true)).toBe('2026-08-07T15:05:00.000Z')
  })
})

test('a day without a time', () => {
  expect(cleanDate('2026-07-01')).toEqual({ value: '2026-07-01', change: null })
  expect(cleanDate('2026-07-01 10:00:00')).toEqual({ value: '2026-07-01', change: 'date.time_removed' })
  expect(cleanDate('')).toEqual({ value: null, problem: null })
})

test('a day in parts', () => {
  expect(dateOfParts('2015', 'July', '1').value).toBe('2015-07-01')
  expect(dateOfParts('2015', '7', '01').value).toBe('2015-07-01')
  expect(dateOfParts('2015', 'February', '30')).toEqual({ value: null, problem: 'date.impossible' })
  expect(dateOfParts('2015', 'Juli', '1')).toEqual({ value: null, problem: 'date.unreadable' })
})
