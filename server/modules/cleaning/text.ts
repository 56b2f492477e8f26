/**
 * Characters before meaning: spreadsheets bring full-width digits, spaces of a dozen kinds, marks that nobody sees,
 * and words that stand for "nothing". Everything else in this module reads text that went through `fold`.
 */
import { Converter } from 'opencc-js/t2cn'
import { BLANK, type ChangeCode, cleaned, type Outcome } from './codes.ts'

// Control characters, soft hyphens, zero-width and direction marks, byte order marks.
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g
// A joiner inside an emoji holds it together, so free text keeps it there.
const invisibleOutsideEmoji =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|\u200d(?!\p{Extended_Pictographic})/gu
const fullWidth = /[\uff01-\uff5e]/g
const fullWidthLettersAndDigits = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/g
const spaces = /\s+/g

const blankWords = new Set(
  'null NULL (null) undefined N/A n/a #N/A #n/a NaN nan None NONE \\N - -- --- — —— – / // . 。 无 無 空 暂无 нет'.split(
    ' ',
  ),
)

/** Empty, only spaces, or a word by which programs and people write "nothing". */
export function isBlank(text: string | null | undefined): boolean {
  if (text === null || text === undefined || text === '') return true
  if (text.length > 9) return text.trim() === ''
  const trimmed = text.trim()
  return trimmed === '' || blankWords.has(trimmed)
}

/** Full-width letters, digits and signs as ordinary ones: １３８ → 138, ＠ → @. */
export function halfWidth(text: string): string {
  return text.replace(fullWidth, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replaceAll('\u3000', ' ')
}

/** For values that are read by a machine: half-width, nothing invisible, single ordinary spaces, none at the ends. */
export function fold(text: string): string {
  if (!isPlain(text)) {
    return halfWidth(text).replace(invisible, '').replace(spaces, ' ').trim()
  }
  return text.trim()
}

/** True when `fold` has nothing to do but trim; most values are, and the three replacements cost more than this loop. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x20) {
      if (text.charCodeAt(i + 1) === 0x20) return false
    } else if (code < 0x20 || (code > 0x7e && (code < 0x400 || code > 0x4ff) && (code < 0x4e00 || code > 0x9fff))) {
      return false
    }
  }
  return true
}

/** Free text (addresses, notes, cities): tidied, but its punctuation stays as it was written. */
export function cleanText(text: string | null | undefined): Outcome<string> {
  if (text === null || text === undefined || isBlank(text)) return BLANK
  const trimmed = text.trim()
  if (isPlain(trimmed)) return cleaned(trimmed)
  let change: ChangeCode | null = null
  const visible = trimmed.replace(invisibleOutsideEmoji, '')
  if (visible !== trimmed) change = 'text.invisible'
  const narrow = visible.replace(fullWidthLettersAndDigits, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
  if (narrow !== visible) change = 'text.full_width'
  const spaced = narrow.replace(spaces, ' ').trim()
  if (spaced !== narrow) change ??= 'text.spacing'
  return spaced === '' ? BLANK : cleaned(spaced, change)
}

/** Tags in one cell: "VIP, 亲子;海岛" → three, each once. */
export function cleanTags(text: string | null | undefined): string[] {
  if (text === null || text === undefined || isBlank(text)) return []
  const tags = new Set<string>()
  for (const part of text.split(/[,;|\n，；、]/)) {
    const { value } = cleanText(part)
    if (value !== null) tags.add(value)
  }
  return [...tags]
}

const toSimplified = Converter({ from: 't', to: 'cn' })

/**
 * Traditional characters as simplified ones, so that 王偉 and 王伟, 會員 and 会员 are read alike. 乾 stays: in names it
 * is read qián and is no other way of writing 干.
 */
export function simplified(text: string): string {
  if (!text.includes('乾')) return toSimplified(text)
  return text.split('乾').map(toSimplified).join('乾')
}
