/**
 * Identity documents. A number joins people, so it must be right or absent: identity cards are checked by the rule of
 * GB 11643 (ISO 7064, MOD 11-2), and a number that a spreadsheet cut to fifteen digits is refused. One in eleven of
 * those passes the check digit by chance, so 18 digits ending in 000 are refused even then.
 */
import { BLANK, type ChangeCode, cleaned, type Outcome, unusable } from './codes.ts'
import type { Gender } from './genders.ts'
import { fold, isBlank, simplified } from './text.ts'

export const documentTypes = [
  'id_card',
  'passport',
  'hk_macao_permit',
  'taiwan_permit',
  'foreign_permit',
  'other',
] as const
export type DocumentType = (typeof documentTypes)[number]

export interface PersonalDocument {
  readonly type: DocumentType
  readonly number: string
  /** Said by an identity card's digits; for fields that are empty. */
  readonly birthDate: string | null
  readonly gender: Gender | null
}

// Provinces of GB/T 2260, residence cards of Hong Kong, Macao and Taiwan residents (81–83), foreigners' cards (9…).
const identityCard = /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|9\d)\d{4}((?:18|19|20)\d{6})\d{3}[\dX]$/
const oldIdentityCard = /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])\d{4}(\d{6})\d{3}$/
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const checkDigits = '10X98765432'

const typeWords = new Map<string, DocumentType>()
for (const [type, list] of [
  [
    'id_card',
    '身份证 居民身份证 二代身份证 第二代身份证 身份证号 身份证号码 二代证 临时身份证 户口本 户口簿 港澳台居民居住证 id idcard identitycard nationalid cnid 1 01',
  ],
  [
    'passport',
    '护照 因私护照 普通护照 因公护照 外国护照 中国护照 passport паспорт загранпаспорт заграничныйпаспорт паспортрф',
  ],
  [
    'hk_macao_permit',
    '港澳通行证 往来港澳通行证 港澳居民来往内地通行证 港澳居民往来内地通行证 回乡证 港澳居民通行证 港澳证 hkmacaopermit hkmopermit homereturnpermit',
  ],
  [
    'taiwan_permit',
    '台胞证 台湾通行证 台湾居民来往大陆通行证 往来台湾通行证 大陆居民往来台湾通行证 大通证 台湾证 taiwanpermit mtp',
  ],
  [
    'foreign_permit',
    '外国人永久居留身份证 外国人永久居留证 永久居留证 永居证 外国人居留许可 外国人居留证 绿卡 foreignpermit residencepermit greencard внж',
  ],
  [
    'other',
    'other 其他 其它 其他证件 军官证 士兵证 警官证 海员证 驾驶证 驾照 学生证 driverlicense drivinglicence другой иное',
  ],
] as const) {
  for (const word of list.split(' ')) typeWords.set(word, type)
}

/** The kind of document that a word names; null when it names none that is known. */
export function documentTypeOf(text: string | null | undefined): DocumentType | null {
  if (text === null || text === undefined || isBlank(text)) return null
  const word = simplified(fold(text).toLowerCase()).replace(/\(.*?\)|[\s_.-]+/g, '')
  return typeWords.get(word) ?? null
}

/**
 * A document by its type (as written, may be missing) and number. A number without a type is an identity card if its
 * check digit says so, else `other`.
 */
export function cleanDocument(
  typeText: string | null | undefined,
  text: string | null | undefined,
): Outcome<PersonalDocument> {
  if (text === null || text === undefined) return BLANK
  const claimed = documentTypeOf(typeText)
  const asksForCard = claimed === null || claimed === 'id_card'
  if (asksForCard && text.length === 18 && isIdentityCard(text)) {
    return text.endsWith('000') ? unusable('document.rounded') : cleaned(cardOf(text))
  }
  if (isBlank(text)) return BLANK

  const folded = fold(text)
    .replace(/^[='"`‘’]+|['"’]+$/g, '')
    .replace(/^№\s*/, '')
  if (/^\d(?:[.,]\d+)?e\+\d+$/i.test(folded.replaceAll(' ', ''))) return unusable('document.rounded')
  if (/[*•●]/.test(folded) || /\dx{3,}/i.test(folded)) return unusable('document.masked')
  const whole = folded.replace(/^(\d+)\.0+$/, '$1')
  const number = whole
    .replace(/\s+/g, '')
    .toUpperCase()
    .replace(/[×ХⅩ]$/, 'X')
  const change = howItWasWritten(text.trim(), folded, whole, number)
  if (isNobodys(number)) return unusable('document.placeholder')

  const compact = number.replace(/[-.·_]/g, '')
  // A spreadsheet keeps fifteen digits and fills up with zeros.
  if (/^\d{15}0{3,}$/.test(compact)) return unusable('document.rounded')
  if (/^\d{17}[\dX]$/.test(compact)) {
    if (isIdentityCard(compact)) {
      const card = cardOf(compact)
      return cleaned(
        claimed === 'foreign_permit' && compact.startsWith('9') ? { ...card, type: 'foreign_permit' } : card,
        asksForCard || claimed === 'foreign_permit' ? change : 'document.type',
      )
    }
    const regionAndDate = identityCard.test(compact)
    if (regionAndDate && asksForCard)
      return unusable(cardDate(compact) ? 'document.check_digit' : 'document.impossible_date')
    if (claimed === 'id_card') return unusable('document.check_digit')
  }
  return claimed === 'id_card' ? cleanIdentityCard(compact) : cleanOther(claimed ?? 'other', number, compact, change)
}

/** What was called an identity card and has not eighteen valid digits: the old fifteen, or nothing of use. */
function cleanIdentityCard(compact: string): Outcome<PersonalDocument> {
  const old = oldIdentityCard.exec(compact)
  if (!old) {
    return unusable(/^\d{6,17}$|^\d{18,}$/.test(compact) ? 'document.wrong_length' : 'document.unreadable')
  }
  // The century of those born before 1900 was written by order numbers 996 to 999; none of them travels any more.
  const body = `${compact.slice(0, 6)}19${compact.slice(6)}`
  const card = `${body}${checkDigitOf(body)}`
  if (!cardDate(card)) return unusable('document.impossible_date')
  return cleaned(cardOf(card), 'document.fifteen_digits')
}

function cleanOther(
  type: DocumentType,
  number: string,
  compact: string,
  change: ChangeCode | null,
): Outcome<PersonalDocument> {
  // Punctuation belongs to a number of unknown kind, but never to a passport's or a permit's.
  const written = type === 'other' ? number : compact
  if (!/^[\p{L}\p{N}][\p{L}\p{N}/().#-]{1,39}$/u.test(written) || !/\p{N}/u.test(written)) {
    return unusable('document.unreadable')
  }
  if (type !== 'other' && !/^[A-ZА-Я0-9]{5,20}$/.test(written)) return unusable('document.wrong_length')
  return cleaned({ type, number: written, birthDate: null, gender: null }, change)
}

/** True when the digits pass the check digit and carry a real date and region. */
export function isIdentityCard(text: string): boolean {
  const number = text.length === 18 && text.endsWith('x') ? text.toUpperCase() : text
  return identityCard.test(number) && cardDate(number) && checkDigitOf(number) === number[17]
}

function checkDigitOf(number: string): string {
  let sum = 0
  for (let i = 0; i < 17; i++) sum += (number.charCodeAt(i) - 48) * weights[i]!
  return checkDigits[sum % 11]!
}

function cardDate(number: string): boolean {
  const year = Number(number.slice(6, 10))
  const month = Number(number.slice(10, 12))
  const day = Number(number.slice(12, 14))
  if (year < 1880 || year > 2100 || month < 1 || month > 12 || day < 1) return false
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function cardOf(number: string): PersonalDocument {
  return {
    type: 'id_card',
    number: number.toUpperCase(),
    birthDate: `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`,
    gender: (number.charCodeAt(16) - 48) % 2 === 1 ? 'male' : 'female',
  }
}

/** 000000, 111111111, 123456789: typed because a form asked for something. */
function isNobodys(number: string): boolean {
  return /^(.)\1*$/.test(number) || /^(?:1234567?8?9?0?|987654321|TEST|测试|XXX+|ABC123)$/.test(number)
}

function howItWasWritten(trimmed: string, folded: string, whole: string, number: string): ChangeCode | null {
  if (trimmed === number) return null
  if (whole !== folded) return 'document.decimal'
  if (/[\uff10-\uff5a]/.test(trimmed)) return 'document.full_width'
  if (trimmed.toUpperCase() === number) return 'document.case'
  return 'document.spacing'
}
