/**
 * Which spellings are likely one word: the same letters, a city with and without 市, pinyin beside characters, a slip of
 * the keyboard. Only proposed: 苏州 and 宿州 sound alike and are two cities, so that characters never meet by sound.
 */
import { codeOfName } from '#modules/cleaning'
import { type DictionaryEntry, Lexicon, wordOf } from '#modules/dictionary'

export interface Counted {
  text: string
  count: number
}

export interface Proposal {
  value: string
  isNew: boolean
  names: DictionaryEntry['names'] | null
  spellings: Counted[]
  count: number
}

const han = /\p{Script=Han}/u
/** What a place is called by its kind. */
const kindOfPlace =
  /(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|自治州|地区|省|市)$|(?:city|province|oblast|region)$|^(?:г|город)(?=\p{Script=Cyrillic}{4})|(?:область|край)$/u
const places = new Set(['city', 'region'])

/** Between two short words one letter decides. */
const slipsAllowed = (length: number) => (length >= 9 ? 2 : length >= 5 ? 1 : 0)

/** Edits (insert, delete, replace, exchange of neighbours) between two words, up to `most`. */
function isNear(a: string, b: string, most: number): boolean {
  if (most === 0 || Math.abs(a.length - b.length) > most) return false
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const exchanged = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : replaced
      row.push(Math.min(replaced, exchanged, last[j]! + 1, row[j - 1]! + 1))
    }
    before = last
    last = row
  }
  return last[b.length]! <= most
}

interface Group {
  key: string
  spellings: Counted[]
  count: number
  /** The value of the dictionary that stands in it. */
  code: string | null
}

/** `counted`: how often each spelling stands there. What the dictionary knows draws the rest to itself. */
export function proposalsOf(entry: DictionaryEntry, counted: readonly Counted[]): Proposal[] {
  const lexicon = new Lexicon([entry])
  const keyOf = (text: string) => {
    const word = wordOf(text)
    return places.has(entry.field) ? word.replace(kindOfPlace, '') || word : word
  }
  const groups = new Map<string, Group>()
  const groupOf = (key: string) => {
    const known = groups.get(key)
    if (known) return known
    const made: Group = { key, spellings: [], count: 0, code: null }
    groups.set(key, made)
    return made
  }
  for (const { code, names, spellings } of entry.values) {
    for (const text of [code, ...Object.values(names), ...spellings])
      if (text !== null) groupOf(keyOf(text)).code ??= code
  }
  for (const { text, count } of counted) {
    const code = lexicon.codeOf(entry.field, text)
    if (code === null) continue
    const group = groupOf(keyOf(text))
    group.code ??= code ?? null
    group.count += count
    if (code === undefined) group.spellings.push({ text, count })
  }
  const homes = new Map<Group, Group>()
  const all = [...groups.values()].sort(
    (a, b) => Number(b.code !== null) - Number(a.code !== null) || b.count - a.count,
  )
  const rootOf = (group: Group): Group => {
    let root = group
    for (let steps = 0; homes.has(root) && steps < 10; steps++) root = homes.get(root)!
    return root
  }
  const sounding = Map.groupBy(
    all.filter(({ key }) => han.test(key)),
    ({ key }) => codeOfName(key).replaceAll('-', ''),
  )
  for (const group of all) {
    if (group.code !== null || han.test(group.key)) continue
    const sound = sounding.get(group.key) ?? []
    const near = all.find(
      (other) =>
        other !== group &&
        !han.test(other.key) &&
        rootOf(other) !== group &&
        (other.code !== null || other.count > group.count || homes.has(other)) &&
        isNear(group.key, other.key, slipsAllowed(Math.min(group.key.length, other.key.length))),
    )
    const home = sound.length === 1 ? sound[0] : near
    if (home) homes.set(group, home)
  }
  const proposals: Proposal[] = []
  for (const [root, own] of Map.groupBy(all, rootOf)) {
    const spellings = own.flatMap((group) => group.spellings).sort((a, b) => b.count - a.count)
    if (spellings.length === 0) continue
    const count = spellings.reduce((sum, one) => sum + one.count, 0)
    const code = root.code ?? own.find((group) => group.code !== null)?.code ?? null
    if (code !== null) {
      const names = entry.values.find((value) => value.code === code)?.names ?? null
      proposals.push({ value: code, isNew: false, names, spellings, count })
    } else if (spellings.length > 1 && entry.open) {
      // The shortest of what is written most: 成都 rather than 成都市.
      const value = [...spellings].sort(
        (a, b) =>
          Number(han.test(b.text)) - Number(han.test(a.text)) || a.text.length - b.text.length || b.count - a.count,
      )[0]!.text
      proposals.push({ value, isNew: true, names: null, spellings, count })
    }
  }
  return proposals.sort((a, b) => b.count - a.count)
}
