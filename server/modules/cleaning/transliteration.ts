/**
 * Letters of names in plain Latin: Chinese by pinyin, Cyrillic as passports write it (ICAO Doc 9303), Latin without its
 * marks.
 */
import { pinyin } from 'pinyin-pro'

const cyrillic = new Map<string, string>()
for (const [from, to] of [
  ['абвгдеёжзийклмнопрстуфхцчшщъыьэюя', 'a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y  e iu ia'],
  ['іїєґў', 'i i ie g u'],
  ['әғқңөұүһҗҙҡңҫҷӣӯ', 'a g k n o u u h zh z k n s ch i u'],
] as const) {
  const letters = to.split(' ')
  for (const [index, letter] of [...from].entries()) cyrillic.set(letter, letters[index] ?? '')
}

const unmarked: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' }

/** Small Latin letters of a word in Latin or Cyrillic; letters of other scripts stay as they are. */
export function latinOf(word: string): string {
  const lower = word.toLowerCase()
  if (/^[a-z]*$/.test(lower)) return lower
  const spelled = lower.normalize('NFC').replace(/[\u0400-\u052f]/g, (letter) => cyrillic.get(letter) ?? letter)
  return spelled
    .normalize('NFD')
    .replace(/[\p{M}'’ʼ`.]/gu, '')
    .replace(/[ßæœøłđðþı]/g, (letter) => unmarked[letter]!)
    .normalize('NFC')
}

const otherText = { toneType: 'none', type: 'array', v: true, toneSandhi: false } as const
const familyName = { ...otherText, mode: 'surname', surname: 'head' } as const

// Given names repeat: a tenth of them name most people, and reading one costs 2 µs.
const remembered = 20_000
const familyReadings = new Map<string, readonly string[]>()
const readings = new Map<string, readonly string[]>()

/**
 * One syllable for each of the simplified characters (the readings of traditional ones are less sure). As a family name
 * 单 is shan, else dan.
 */
export function syllablesOf(plain: string, { asFamily }: { asFamily: boolean }): readonly string[] {
  const known = asFamily ? familyReadings : readings
  let syllables = known.get(plain)
  if (syllables === undefined) {
    syllables = pinyin(plain, asFamily ? familyName : otherText)
    if (known.size >= remembered) known.clear()
    known.set(plain, syllables)
  }
  return syllables
}
