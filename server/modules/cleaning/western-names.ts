/**
 * Names in Latin or Cyrillic letters, including Chinese names written in pinyin. The key leaves out titles and the
 * patronymic (other channels seldom have it) and joins the syllables of a pinyin given name, so that "Wang Xiao Ming",
 * "XIAOMING WANG" and 王小明 come to one key.
 */
import { initialsOf, type ReadName } from './chinese-names.ts'
import { frequentSurnames, isPinyin } from './surnames.ts'
import { latinOf, syllablesOf } from './transliteration.ts'

const titles = new Set(
  'mr mrs ms miss mstr dr prof sir madam mme mlle herr frau г-н г-жа гн гжа господин госпожа гр гражданин гражданка тов chd inf'.split(
    ' ',
  ),
)
const generations = new Set('jr sr ii iii iv phd md esq'.split(' '))
const particles = new Set(
  'van von der den de del della di da dos du la le bin ibn al el ben ter ten zu mac mc о'.split(' '),
)
const patronymic =
  /(?:ович|евич|ьич|мич|тич|кич|вна|чна|оглы|оғлы|кызы|қызы|улы|ұлы|ovich|evich|ilyich|ovna|evna|ichna|inichna|ogly|kyzy)$/
const familyEnding =
  /(?:ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|ский|цкий|ская|цкая|ской|ко|ук|юк|чук|ян|дзе|швили|ых|их|ovskii|ovsky|ov|ev|ova|eva|enko)$/

const notLatin = /[^\p{L}]/gu

const surnameRank = new Map<string, number>()
for (const [rank, surname] of frequentSurnames.entries()) {
  const sound = syllablesOf(surname, { asFamily: true })[0]!
  if (!surnameRank.has(sound)) surnameRank.set(sound, rank)
}
// How much more frequent a family name must be before the other end of the name is taken for the given one.
const clearlyMoreFrequent = 20

export function readWestern(text: string): ReadName | null {
  const [head = '', tail] = text.split(/[,/]/, 2)
  const first = wordsOf(head)
  const second = tail === undefined ? { words: [], titled: false } : wordsOf(tail)
  const titled = first.titled || second.titled
  if (first.words.length === 0 && second.words.length === 0) return null
  if (first.words.length > 0 && second.words.length > 0) {
    return build({ family: first.words, given: second.words, order: 'told', titled })
  }
  const words = first.words.length > 0 ? first.words : second.words
  // Mr Guest, г-н Иванов: a title stands before a family name.
  if (titled && words.length === 1) return build({ family: words, given: [], order: 'told', titled })
  return build({ ...tellFamily(words), titled })
}

/** Family and given name from two fields; either may be empty. */
export function joinWestern(family: string, given: string): ReadName | null {
  const [first, second] = [wordsOf(family), wordsOf(given)]
  if (first.words.length === 0 && second.words.length === 0) return null
  return build({ family: first.words, given: second.words, order: 'told', titled: first.titled || second.titled })
}

interface Told {
  /** Empty when it can't be told; all words are then in `given`. */
  family: string[]
  given: string[]
  order: 'family-first' | 'given-first' | 'told'
}

function wordsOf(text: string): { words: string[]; titled: boolean } {
  const all = text
    .replace(/\.(?=\S)/g, '. ')
    .split(/[\s·•・‧∙･]+/)
    .map((word) => word.replace(/^[.'’-]+|[.,’-]+$/g, ''))
    .filter((word) => /\p{L}/u.test(word))
  const words = all.filter((word, index) => {
    const lower = word.toLowerCase()
    return !(titles.has(lower) && all.length > 1) && !(generations.has(lower) && index > 0)
  })
  return { words, titled: words.length < all.length }
}

function tellFamily(words: string[]): Told {
  if (words.length === 1) return { family: [], given: words, order: 'told' }
  const familyFirst: Told = { family: words.slice(0, 1), given: words.slice(1), order: 'family-first' }
  const familyLast: Told = { family: words.slice(-1), given: words.slice(0, -1), order: 'given-first' }
  const [first, last] = [words[0]!, words.at(-1)!]

  if (words.length === 3 && patronymic.test(last.toLowerCase())) return familyFirst
  if (words.length === 3 && patronymic.test(words[1]!.toLowerCase())) return familyLast
  if (/\p{Script=Cyrillic}/u.test(first)) {
    const ending = (word: string) => familyEnding.test(word.toLowerCase())
    return familyLast.given.every((word) => word.length === 1) || (ending(last) && !ending(first))
      ? familyLast
      : familyFirst
  }

  const chinese = tellPinyinFamily(words)
  if (chinese === 'first') return familyFirst
  if (chinese === 'last') return familyLast
  if (chinese === 'unsure') return { family: [], given: words, order: 'told' }
  // WANG Wei, Jean DUPONT: capitals mark the family name.
  const capitals = words.map((word) => word.length > 1 && word === word.toUpperCase())
  if (capitals[0] && !capitals.at(-1)) return familyFirst
  const particle = words.findIndex((word, index) => index > 0 && particles.has(word.toLowerCase()))
  const from = particle > 0 && particle < words.length - 1 ? particle : words.length - 1
  return { family: words.slice(from), given: words.slice(0, from), order: 'given-first' }
}

/** Null when the words are no Chinese name in pinyin. */
function tellPinyinFamily(words: string[]): 'first' | 'last' | 'unsure' | null {
  const latin = words.map(pinyinWord)
  if (words.length > 4 || !latin.every((word) => isPinyin(word))) return null
  const first = surnameRank.get(latin[0]!)
  const last = surnameRank.get(latin.at(-1)!)
  if (first === undefined && last === undefined) return null
  if (last === undefined) return 'first'
  if (first === undefined) return 'last'
  // Passports and tickets write capitals and the family name first.
  if (words.every((word) => word === word.toUpperCase())) return 'first'
  if (Math.abs(first - last) < clearlyMoreFrequent) return 'unsure'
  return first < last ? 'first' : 'last'
}

function build({ family, given, order, titled }: Told & { titled: boolean }): ReadName {
  const all = [...family, ...given]
  const latin = all.flatMap((word) => word.split('-')).map(pinyinWord)
  const letters = all.join('')
  const [upper, lower] = [letters.toUpperCase(), letters.toLowerCase()]
  const shouted = letters.length > 1 && upper !== lower && (letters === upper || letters === lower)
  const spell = (words: string[]) =>
    words
      .map((word) => (shouted ? capitalised(word) : word))
      .map((word) => (/^\p{Lu}$/u.test(word) ? `${word}.` : word))
      .join(' ')
  const pinyinName = isPinyinName(family, given)
  const familyFirst =
    order === 'family-first' || (order === 'told' && (pinyinName || /\p{Script=Cyrillic}/u.test(letters)))
  const display = (familyFirst ? [spell(family), spell(given)] : [spell(given), spell(family)])
    .filter((part) => part !== '')
    .join(' ')

  const withoutPatronymic = given.filter((word, index) => {
    if (index === 0 || family.length === 0) return true
    return !(patronymic.test(word.toLowerCase()) || /^\p{Script=Cyrillic}$/u.test(word))
  })
  const words = pinyinName
    ? [family.map(pinyinWord).join(''), given.map(pinyinWord).join('')]
    : [...family, ...withoutPatronymic].flatMap((word) => word.split('-')).map(pinyinWord)
  return {
    display,
    family: family.length > 0 ? spell(family) : null,
    given: given.length > 0 ? spell(given) : null,
    words: words.filter((word) => word !== ''),
    // The family name first, whichever way it is shown: that is what people are looked up by.
    pinyin: latin.join('').replace(notLatin, ''),
    initials: initialsOf(latin),
    change: titled ? 'name.honorific_removed' : shouted ? 'name.case' : null,
  }
}

/** A known Chinese family name and a given name of one to three syllables, perhaps written apart. */
function isPinyinName(family: string[], given: string[]): boolean {
  if (family.length !== 1 || given.length === 0 || !surnameRank.has(pinyinWord(family[0]!))) return false
  const parts = given.flatMap((word) => word.split('-')).map(pinyinWord)
  return parts.length === 1 || (parts.length <= 3 && parts.every((part) => isPinyin(part, 1)))
}

/** Passports write 吕 as LYU, keyboards as LV, books as LÜ; the key has lv. */
function pinyinWord(word: string): string {
  const lower = word.toLowerCase()
  const umlaut = /^([ln])(?:ü|u:|yu|v)(e?)$/.exec(lower)
  return umlaut ? `${umlaut[1]}v${umlaut[2]}` : latinOf(lower).replaceAll('-', '')
}

function capitalised(word: string): string {
  return word
    .toLowerCase()
    .replace(/(^|['’-])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase())
}
