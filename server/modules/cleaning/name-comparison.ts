/**
 * Whether two names may be one person's. Used where a phone is shared by two records: a contradiction goes before a
 * person, so the answer `same` must be safe and `contradict` must not come from mere spelling.
 */
import type { NameKey } from './names.ts'
import { isPinyin } from './surnames.ts'

export type NameComparison = 'same' | 'compatible' | 'contradict'

/**
 * `same`: the same letters, however they are cut into words and in whichever order. `compatible`: one says less and
 * fits the other (a family name, initials, nothing), or they differ only as transliterations do. Else `contradict`.
 */
export function comparableNames(a: NameKey, b: NameKey): NameComparison {
  if (!a || !b) return 'compatible'
  if (a === b) return 'same'
  const [first, second] = [a.split(' '), b.split(' ')]
  if (sameLetters(first, second)) return 'same'
  const [less, more] = first.length <= second.length ? [first, second] : [second, first]
  return fits(less, more) ? 'compatible' : 'contradict'
}

/** "wangxiaoming", "wang xiaoming" and "ming wang xiao" are one name cut in different places. */
function sameLetters(first: string[], second: string[]): boolean {
  const [a, b] = [first.join(''), second.join('')]
  if (a.length !== b.length || first.length > 4 || second.length > 4) return false
  const forms = new Set(orders(first))
  return orders(second).some((form) => forms.has(form))
}

function orders(words: string[]): string[] {
  if (words.length === 1) return words
  return words.flatMap((word, index) => orders(words.toSpliced(index, 1)).map((rest) => word + rest))
}

/** Each word of the shorter name has its own word in the longer one: the same, its initial, or another spelling. */
function fits(less: string[], more: string[]): boolean {
  const free = [...more]
  const rest: string[] = []
  for (const word of less) {
    const at = free.indexOf(word)
    if (at < 0) rest.push(word)
    else free.splice(at, 1)
  }
  return rest.every((word) => {
    const at = free.findIndex((other) => isInitial(word, other) || soundAlike(word, other))
    if (at >= 0) free.splice(at, 1)
    return at >= 0
  })
}

function isInitial(a: string, b: string): boolean {
  return (a.length === 1 || b.length === 1) && a[0] === b[0]
}

/**
 * Schemes of transliteration agree here: Alexandr and Aleksandr, Iuliia and Yulia, Sergei and Sergey. Not for two words
 * of pinyin, where the letters make another name: 莲 lian, 丽艳 liyan.
 */
function soundAlike(a: string, b: string): boolean {
  return sound(a) === sound(b) && !(isPinyin(a) && isPinyin(b))
}

function sound(word: string): string {
  return word.replaceAll('x', 'ks').replaceAll('kh', 'h').replaceAll('shch', 'sch').replace(/[iy]+/g, 'i')
}
