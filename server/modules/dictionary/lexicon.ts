/**
 * From a text to the word of the dictionary that it means. Plain and without a database, so that the threads of an
 * import read by it too. A text is known by its letters: case, spaces, dashes, full width and traditional characters
 * make no other word.
 */
import { BLANK, cleanDate, fold, isBlank, type Outcome, simplified } from '#modules/cleaning'
import type { FieldDefinition, fieldKinds } from './contract.ts'

/** As it crosses to a thread. */
export interface Described extends FieldDefinition {
  field: string
}

/** Two spellings with the same one are one word. */
export const wordOf = (text: string): string =>
  simplified(fold(text).toLowerCase().replaceAll('ё', 'е')).replace(/[\s_.-]+/g, '')

const yes = new Set(['yes', 'y', 'true', '1', '是', '有', '对', 'да', 'есть'])
const no = new Set(['no', 'n', 'false', '0', '否', '没有', '无', '不', 'нет'])

interface Words {
  kind: (typeof fieldKinds)[number]
  closed: boolean
  /** Null: says that nothing is known. */
  codes: Map<string, string | null>
  listed: boolean
  /** What texts meant that came before: a column of a file says the same few words again and again. */
  met: Map<string, string | null | undefined>
}

const metAtMost = 5_000

export class Lexicon {
  private readonly words = new Map<string, Words>()

  constructor(fields: readonly Described[] = []) {
    for (const { field, kind, closed, values, blanks } of fields) {
      const codes = new Map<string, string | null>()
      for (const blank of blanks) codes.set(wordOf(blank), null)
      // The code itself last: it means itself, whatever another value's spelling says.
      for (const { code, names, spellings } of values) {
        for (const spelling of [...spellings, ...Object.values(names)])
          if (spelling !== null && !codes.has(wordOf(spelling))) codes.set(wordOf(spelling), code)
      }
      for (const { code } of values) codes.set(wordOf(code), code)
      this.words.set(field, { kind, closed, codes, listed: kind === 'choice', met: new Map() })
    }
  }

  /** What the dictionary says of a text; null where it has nothing to say and the text is as good as it was. */
  read(field: string, text: string): Outcome<string> | null {
    const known = this.words.get(field)
    if (!known) return null
    if (!known.listed) return isBlank(text) ? BLANK : readKind(known.kind, text)
    if (known.codes.size === 0 && !known.closed) return null
    const code = meant(known, text)
    if (code === null) return BLANK
    if (code !== undefined) return { value: code, change: code === text ? null : 'dictionary.mapped' }
    if (isBlank(text)) return BLANK
    return known.closed ? { value: null, problem: 'dictionary.unknown' } : null
  }

  /** The code that a text means, if the list has it. */
  codeOf(field: string, text: string): string | null | undefined {
    const known = this.words.get(field)
    return known && meant(known, text)
  }

  has(field: string): boolean {
    return this.words.has(field)
  }
}

function meant({ codes, met }: Words, text: string): string | null | undefined {
  if (met.has(text)) return met.get(text)
  const code = codes.get(wordOf(text))
  if (met.size < metAtMost) met.set(text, code)
  return code
}

function readKind(kind: Words['kind'], text: string): Outcome<string> | null {
  if (kind === 'number') {
    const plain = fold(text).replace(/(?<=\d)[, ](?=\d{3}(?:\D|$))/g, '')
    if (!/^[+-]?\d{1,15}(?:\.\d{1,6})?$/.test(plain)) return { value: null, problem: 'custom.number_unreadable' }
    const written = String(Number(plain))
    return { value: written, change: written === text ? null : 'custom.number_form' }
  }
  if (kind === 'date') return cleanDate(text)
  if (kind === 'yesno') {
    const word = wordOf(text)
    const said = yes.has(word) ? 'yes' : no.has(word) ? 'no' : null
    if (said === null) return { value: null, problem: 'custom.yes_no_unreadable' }
    return { value: said, change: said === text ? null : 'dictionary.mapped' }
  }
  return null
}
