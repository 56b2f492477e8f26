/**
 * Amounts in the smallest unit of their currency, and quantities. Thousands and decimals are told apart by position;
 * where "1,234" could be both, the column's hint decides, and without one three digits after a comma are thousands.
 */
import { BLANK, type ChangeCode, cleaned, type Outcome, unusable } from './codes.ts'
import { fold, isBlank, simplified } from './text.ts'

export interface Money {
  readonly minor: bigint
  /** ISO 4217 */
  readonly currency: string
}

const longestAmount = 60
// A hundred billion yuan. Sums of what is read must stay exact in a number, and no order is worth that.
const largestAmount = 10_000_000_000_000n
const knownCurrencies = new Set(Intl.supportedValuesOf('currency'))
const digitsByCurrency = new Map<string, number>()

const dollars = new Set(['USD', 'HKD', 'TWD', 'SGD', 'AUD', 'CAD', 'NZD', 'MOP'])
const yuanAndYen = new Set(['CNY', 'JPY'])

// Longest first where one begins another.
const currencyWords: readonly (readonly [string, string])[] = (
  [
    ['HKD', 'hk$ 港币 港元 港纸'],
    ['TWD', 'nt$ 新台币 台币'],
    ['SGD', 's$ 新加坡元 新币 坡币'],
    ['AUD', 'a$ au$ 澳元 澳币'],
    ['CAD', 'c$ ca$ 加元 加币'],
    ['NZD', 'nz$ 纽币 新西兰元'],
    ['MOP', 'mop$ 澳门元 澳门币 葡币'],
    ['USD', 'us$ 美元 美金 доллар долларов долл.'],
    ['EUR', '€ 欧元 евро'],
    ['GBP', '£ 英镑'],
    ['RUB', '₽ 卢布 рублей рубля рубль руб. руб р. р rur'],
    ['KRW', '₩ 韩元 韩币 韩圜'],
    ['JPY', 'jp¥ 日元 日币 円'],
    ['THB', '฿ 泰铢'],
    ['VND', '₫ 越南盾'],
    ['INR', '₹ 卢比'],
    ['KZT', '₸ тенге'],
    ['CNY', 'cn¥ 人民币 rmb cnh 块钱 元整 圆整 юаней юаня юань'],
  ] as const
)
  .flatMap(([code, words]) => words.split(' ').map((word) => [word, code] as const))
  .sort(([a], [b]) => b.length - a.length)

/** How many decimals a currency has: 2 for CNY, 0 for JPY. Throws on what is no currency. */
export function minorDigitsOf(currency: string): number {
  let digits = digitsByCurrency.get(currency)
  if (digits === undefined) {
    if (!knownCurrencies.has(currency)) throw new RangeError(`${currency} is no ISO 4217 currency`)
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    digitsByCurrency.set(currency, digits)
  }
  return digits
}

/** The ISO 4217 code that a text names (CNY, 人民币, ₽); null when none. */
export function currencyOf(text: string | null | undefined, { fallback = 'CNY' } = {}): string | null {
  if (text === null || text === undefined || isBlank(text)) return null
  const word = simplified(fold(text).toLowerCase())
  const code = word.toUpperCase()
  if (knownCurrencies.has(code)) return code
  return takeCurrency(`1${word}`, fallback).currency
}

/** `currency` is what an amount without a sign is in, and which of the dollars or of yuan and yen a bare $ or ¥ means. */
export function cleanMoney(
  text: string | null | undefined,
  { currency = 'CNY', decimalComma }: { currency?: string; decimalComma?: boolean | undefined } = {},
): Outcome<Money> {
  if (text === null || text === undefined) return BLANK
  if (text.length < 12 && /^-?\d+(?:\.\d\d?)?$/.test(text) && minorDigitsOf(currency) === 2) {
    const point = text.indexOf('.')
    if (point < 0) return cleaned({ minor: BigInt(text) * 100n, currency })
    const decimals = text.slice(point + 1)
    return cleaned({
      minor: BigInt(text.slice(0, point) + (decimals.length === 1 ? `${decimals}0` : decimals)),
      currency,
    })
  }
  if (isBlank(text)) return BLANK
  if (text.length > longestAmount) return unusable('money.unreadable')

  const folded = simplified(fold(text).toLowerCase())
    .replace(/^['"=]+|["']+$/g, '')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
  const named = takeCurrency(folded, currency)
  if (named.unknown) return unusable('money.unknown_currency')
  const { amount: unsigned, negative, inBrackets } = takeSign(named.rest)
  const { amount, zeros } = takeMultiplier(unsigned)
  if (/^\d+(?:[.,]\d+)?e[+-]?\d+$/.test(amount)) return unusable('money.lost_digits')

  const decimal = plainDecimal(amount, decimalComma)
  if (decimal === null) return unusable(/^[\d.,' ]+$/.test(amount) ? 'money.ambiguous' : 'money.unreadable')
  const code = named.currency ?? currency
  const { minor, rounded } = toMinor(decimal, minorDigitsOf(code), zeros)
  if (minor > largestAmount) return unusable('money.too_large')
  let change: ChangeCode | null =
    folded === text.trim() && decimal === amount && named.currency === null ? null : 'money.form'
  if (inBrackets) change = 'money.negative_in_brackets'
  if (zeros > 0) change = 'money.multiplied'
  if (rounded) change = 'money.rounded'
  return cleaned({ minor: negative ? -minor : minor, currency: code }, change)
}

/** Whole things: "2", "2.0", "2张", "x2". */
export function cleanQuantity(text: string | null | undefined): Outcome<number> {
  if (text === null || text === undefined) return BLANK
  if (/^\d{1,9}$/.test(text)) return cleaned(Number(text))
  if (isBlank(text)) return BLANK
  if (text.length > longestAmount) return unusable('quantity.unreadable')
  const folded = fold(text).replace(/[\u2010-\u2015\u2212]/g, '-')
  const match = /^[x×*]?\s*([+-]?\d{1,3}(?:[, ]\d{3})+|[+-]?\d{1,9})([.,]\d+)?\s*\p{L}{0,4}\.?$/iu.exec(folded)
  if (!match) return unusable('quantity.unreadable')
  if (match[2] !== undefined && !/^[.,]0+$/.test(match[2])) return unusable('quantity.not_whole')
  return cleaned(Number(match[1]!.replace(/[, ]/g, '')), folded === String(Number(match[1])) ? null : 'quantity.form')
}

/** Whether a column writes decimals with a comma, told by values that can be read in only one way; else undefined. */
export function guessDecimalComma(values: readonly string[]): boolean | undefined {
  let comma = 0
  let point = 0
  for (const value of values) {
    const digits = fold(value).replace(/[^\d.,]/g, '')
    if (/^\d+,\d{1,2}$/.test(digits) || /^\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?$/.test(digits.replace(/^\d+\.\d{3}$/, '')))
      comma++
    if (/^\d+\.\d{1,2}$/.test(digits) || /^\d{1,3}(?:,\d{3})+\.\d{1,2}$/.test(digits)) point++
  }
  return comma === point ? undefined : comma > point
}

function takeCurrency(text: string, fallback: string): { rest: string; currency: string | null; unknown: boolean } {
  const iso = /^([a-z]{3})(?=[\s\d(+-])|(?<=[\s\d)])([a-z]{3})$/.exec(text)
  const code = (iso?.[1] ?? iso?.[2])?.toUpperCase()
  if (iso && code !== undefined && knownCurrencies.has(code)) {
    return { rest: text.replace(iso[0], '').trim(), currency: code, unknown: false }
  }
  for (const [word, currency] of currencyWords) {
    if (text.includes(word))
      return {
        rest: text
          .replace(word, '')
          .replace(/[元块]$/, '')
          .trim(),
        currency,
        unknown: false,
      }
  }
  if (/[¥￥]/.test(text)) {
    return {
      rest: text.replace(/[¥￥]/, '').replace(/元$/, '').trim(),
      currency: yuanAndYen.has(fallback) ? fallback : 'CNY',
      unknown: false,
    }
  }
  if (text.includes('$')) {
    return { rest: text.replace('$', '').trim(), currency: dollars.has(fallback) ? fallback : 'USD', unknown: false }
  }
  // 元 alone is the unit of several currencies; it says no more than the column does.
  if (/[元块圆]$/.test(text)) {
    return {
      rest: text.replace(/[元块圆]$/, '').trim(),
      currency: /^(?:HKD|TWD|MOP)$/.test(fallback) ? fallback : 'CNY',
      unknown: false,
    }
  }
  const unknown = (iso !== null && code !== undefined) || /\p{Sc}/u.test(text)
  return { rest: text, currency: null, unknown }
}

function takeSign(text: string): { amount: string; negative: boolean; inBrackets: boolean } {
  const brackets = /^\((.*)\)$/.exec(text)
  if (brackets) return { amount: brackets[1]!.trim(), negative: true, inBrackets: true }
  const sign = /^([+-])\s*(.*)$/.exec(text) ?? /^(.*?)\s*(-)$/.exec(text)
  if (!sign) return { amount: text, negative: false, inBrackets: false }
  const first = sign[1] === '+' || sign[1] === '-'
  return {
    amount: (first ? sign[2]! : sign[1]!).trim(),
    negative: (first ? sign[1] : sign[2]) === '-',
    inBrackets: false,
  }
}

/** 1.2万 is 12,000; the answer says by how many zeros. */
function takeMultiplier(text: string): { amount: string; zeros: number } {
  const match = /^([\d.,' ]+?)\s*(千|万|百万|千万|亿|k|w|тыс\.?|млн\.?)$/.exec(text)
  if (!match) return { amount: text, zeros: 0 }
  const zeros = { 千: 3, k: 3, 万: 4, w: 4, 百万: 6, 千万: 7, 亿: 8 }[match[2]!] ?? (match[2]!.startsWith('т') ? 3 : 6)
  return { amount: match[1]!, zeros }
}

/** 3 280,50 → 3280.50; 1,234 → 1234; null when the signs can't be read in one way. */
function plainDecimal(text: string, decimalComma: boolean | undefined): string | null {
  const compact = text.replace(/(?<=\d)[ ']+(?=\d{3}(?!\d))/g, '')
  if (/^\d+$/.test(compact)) return compact
  const [, whole = '', sign, last] = /^(.*\d)?([.,])(\d*)$/.exec(compact) ?? []
  if (sign === undefined || last === undefined || (whole === '' && last === '')) return null
  const marks = whole.replace(/\d/g, '')
  if (marks === '') {
    const grouping = /^[1-9]\d{0,2}$/.test(whole) && last.length === 3
    const decimalSign = decimalComma === undefined ? null : decimalComma ? ',' : '.'
    if (grouping && (decimalSign === null ? sign === ',' : sign !== decimalSign)) return whole + last
    return last === '' ? whole : `${whole === '' ? '0' : whole}.${last}`
  }
  const groups = whole.split(/[.,]/)
  if (!groups.every((group, index) => (index === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(group))) return null
  if (new Set(marks).size !== 1) return null
  if (marks[0] === sign) return last.length === 3 ? groups.join('') + last : null
  return last === '' ? groups.join('') : `${groups.join('')}.${last}`
}

/** Half a smallest unit or more counts as a whole one, as every cash desk does. */
function toMinor(decimal: string, digits: number, zeros: number): { minor: bigint; rounded: boolean } {
  const [whole = '0', fraction = ''] = decimal.split('.')
  const places = digits + zeros
  const kept = BigInt(whole + fraction.padEnd(places, '0').slice(0, places))
  const rest = fraction.slice(places)
  return { minor: rest >= '5' ? kept + 1n : kept, rounded: /[1-9]/.test(rest) }
}
