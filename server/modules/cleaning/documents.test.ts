import { describe, expect, test } from 'vitest'
import { cleanDocument, documentTypeOf, isIdentityCard } from './documents.ts'

const problemOf = (type: string | null, number: string) => {
  const outcome = cleanDocument(type, number)
  return outcome.value === null ? outcome.problem : `read as ${outcome.value.type} ${outcome.value.number}`
}

describe('identity cards', () => {
  const card = { type: 'id_card', number: '11010519491231002X', birthDate: '1949-12-31', gender: 'female' }

  test.each([
    [null, '11010519491231002X', null],
    ['身份证', '11010519491231002X', null],
    ['居民身份證', '11010519491231002x', null],
    [null, '110105 19491231 002X', 'document.spacing'],
    [null, '１１０１０５１９４９１２３１００２Ｘ', 'document.full_width'],
    [null, "'11010519491231002X", 'document.spacing'],
    ['护照', '11010519491231002X', 'document.type'],
    ['身份证', '110105491231002', 'document.fifteen_digits'],
  ])('%s %s', (type, number, change) => expect(cleanDocument(type, number)).toEqual({ value: card, change }))

  test('say the birth date and the gender', () => {
    expect(cleanDocument(null, '440524188001010014').value).toMatchObject({ birthDate: '1880-01-01', gender: 'male' })
  })

  test('any wrong digit and any two neighbours exchanged are noticed', () => {
    const right = '11010519491231002X'
    for (let at = 0; at < 17; at++) {
      const wrong = right.slice(0, at) + ((Number(right[at]) + 1) % 10) + right.slice(at + 1)
      expect(isIdentityCard(wrong), wrong).toBe(false)
    }
    expect(problemOf('身份证', '110105194912310021')).toBe('document.check_digit')
    expect(problemOf(null, '110105194912310021')).toBe('document.check_digit')
    expect(problemOf('身份证', '11010519490231002X')).toBe('document.impossible_date')
  })
})

test.each([
  ['身份证', '1.10105E+17', 'document.rounded'],
  [null, '1.10105194912310E+17', 'document.rounded'],
  ['身份证', '110105194912310000', 'document.rounded'],
  [null, '110105194912310000', 'document.rounded'],
  [null, '6222021234567890000', 'document.rounded'],
  ['身份证', '1101**********002X', 'document.masked'],
  ['身份证', '1101051949123100', 'document.wrong_length'],
  ['身份证', 'E12345678', 'document.unreadable'],
  ['护照', 'E1', 'document.wrong_length'],
  [null, '000000', 'document.placeholder'],
  ['身份证', '111111111111111', 'document.placeholder'],
  [null, '护照', 'document.unreadable'],
])('%s %s is refused: %s', (type, number, problem) => expect(problemOf(type, number)).toBe(problem))

test('a rounded number is refused even when its check digit happens to be right', () => {
  expect(isIdentityCard('110105194912310000')).toBe(false)
  const lucky = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0']
    .flatMap((a) => ['10', '11', '12'].map((month) => `11010519${a}9${month}310000`.slice(0, 15)))
    .map((fifteen) => `${fifteen}000`)
    .find(isIdentityCard)
  expect(lucky).toBeDefined()
  expect(problemOf(null, lucky!)).toBe('document.rounded')
})

describe('other documents', () => {
  test.each([
    ['护照', 'e 1234-5678', 'passport', 'E12345678'],
    ['護照', 'E12345678', 'passport', 'E12345678'],
    ['Паспорт', '45 08 123456', 'passport', '4508123456'],
    ['港澳居民来往内地通行证', 'H1234567801', 'hk_macao_permit', 'H1234567801'],
    ['回乡证', 'h12345678', 'hk_macao_permit', 'H12345678'],
    ['台胞证', '02345678', 'taiwan_permit', '02345678'],
    ['外国人永久居留身份证', '911124198108030024', 'foreign_permit', '911124198108030024'],
    ['外国人永久居留证', 'CAN110078022301', 'foreign_permit', 'CAN110078022301'],
    [null, '6988048', 'other', '6988048'],
    [null, '6988048.0', 'other', '6988048'],
    [null, 'ab 12-cd', 'other', 'AB12-CD'],
    [null, '110105491231002', 'other', '110105491231002'],
    [null, '123456789012345678', 'other', '123456789012345678'],
    ['军官证', '军字第1234567号', 'other', '军字第1234567号'],
  ])('%s %s', (type, number, expectedType, expectedNumber) => {
    expect(cleanDocument(type, number).value).toEqual({
      type: expectedType,
      number: expectedNumber,
      birthDate: null,
      gender: null,
      ...(number === '911124198108030024' ? { birthDate: '1981-08-03', gender: 'female' } : {}),
    })
  })

  test('words for kinds of documents', () => {
    expect(documentTypeOf('身份证（大陆）')).toBe('id_card')
    expect(documentTypeOf('ID Card')).toBe('id_card')
    expect(documentTypeOf('загранпаспорт')).toBe('passport')
    expect(documentTypeOf('鱼证')).toBeNull()
  })
})

test('nothing is nothing', () => expect(cleanDocument('身份证', ' ')).toEqual({ value: null, problem: null }))
