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

const withSurname = {
  toneType: 'none',
  type: 'array',
  v: true,
  toneSandhi: false,
  mode: 'surname',
  surname: 'head',
} as const
const withoutSurname = { toneType: 'none', type: 'array', v: true, toneSandhi: false } as const

/**
 * One syllable for each of the simplified characters (the readings of traditional ones are less sure). `atHead` says
 * that the text begins with a family name: 单 is then shan, not dan.
 */
export function syllablesOf(plain: string, { atHead }: { atHead: boolean }): string[] {
  return pinyin(plain, atHead ? withSurname : withoutSurname)
}
