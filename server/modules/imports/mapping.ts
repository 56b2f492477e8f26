/**
 * Which column of a file is which field: guessed from headers and values, or given by the user and checked. A guess is
 * a proposal that a person corrects, so each one says how sure it is and why. No field is ever given to two columns.
 */
import { columnValues, fitOf, suggestionsOf } from './column-values.ts'
import { fieldsOf, type ImportKind, identifies, isField } from './fields.ts'
import { type HeaderReading, plainHeader, readHeader } from './header-words.ts'
import { columnTwice, fieldTwice, nothingIdentifies, unknownColumn, unknownField } from './mapping-errors.ts'

export type Certainty = 'certain' | 'likely' | 'confirm'

/** Translated by the web apps. */
export type GuessReason =
  | 'header'
  | 'header_and_values'
  | 'header_part'
  | 'values'
  | 'values_disagree'
  | 'field_taken'
  | 'openid_needs_account'
  | 'somebody_else'
  | 'known_other'
  | 'empty'
  | 'nothing_fits'

export interface GuessedColumn {
  /** From 1. */
  readonly position: number
  /** The header, or the position as text where the file has none. */
  readonly column: string
  readonly field: string | null
  readonly certainty: Certainty
  readonly reason: GuessReason
}

interface Candidate {
  at: number
  field: string
  score: number
  certainty: Certainty
  reason: GuessReason
}

// Scores only order the candidates: a header that says it, a header that may say it, part of one, values alone.
const scores = { exact: 1000, weak: 800, part: 600, strongValues: 400, weakValues: 200 }
const halfFit = 0.5

/**
 * `columns` are the headers (positions as text when `headerless`); `samples` some 200 rows, by column. An account of
 * an openid column is read from its header (`openid@ACCOUNT`, `openid_ACCOUNT`), or asked for.
 */
export function guessMapping({
  columns,
  samples,
  kind,
  headerless,
}: {
  columns: readonly string[]
  samples: readonly (readonly (string | null)[])[]
  kind: ImportKind
  headerless: boolean
}): GuessedColumn[] {
  const width = Math.max(columns.length, samples.length)
  const readings = Array.from({ length: width }, (_, at) =>
    candidatesOf(at, headerless ? '' : (columns[at] ?? ''), samples[at] ?? [], kind, headerless),
  )
  const fields = new Set<string>()
  const chosen = new Map<number, Candidate>()
  const byStrength = readings.flatMap(({ candidates }) => candidates).sort((a, b) => b.score - a.score || a.at - b.at)
  for (const candidate of byStrength) {
    if (chosen.has(candidate.at) || fields.has(candidate.field)) continue
    chosen.set(candidate.at, candidate)
    fields.add(candidate.field)
  }
  settleNames(chosen, columns)
  return readings.map(({ candidates, otherwise }, at) => {
    const column = columns[at] ?? String(at + 1)
    const guess = chosen.get(at)
    if (guess) return { position: at + 1, column, field: guess.field, certainty: guess.certainty, reason: guess.reason }
    const reason = candidates.length > 0 ? 'field_taken' : otherwise
    const sure = reason === 'empty' || reason === 'known_other' || reason === 'somebody_else'
    return { position: at + 1, column, field: null, certainty: sure ? 'certain' : 'confirm', reason }
  })
}

/**
 * A mapping that a user gave: each column by its header or its position from "1", each field once, null to leave a
 * column out; columns that it doesn't name are left out too. Answers with the field of each column of the file, in
 * their order, or throws a Refusal.
 */
export function checkMapping(
  map: Readonly<Record<string, string | null>>,
  columns: readonly string[],
  kind: ImportKind,
): (string | null)[] {
  const fieldOf = new Map<number, { key: string; field: string | null }>()
  const columnOf = new Map<string, number>()
  for (const [key, field] of Object.entries(map)) {
    const at = placeOf(key, columns)
    if (at === null) throw unknownColumn(key, columns)
    const before = fieldOf.get(at)
    if (before && before.field !== field) throw columnTwice(columns[at]!, [before.key, key])
    fieldOf.set(at, { key, field })
    if (field === null) continue
    if (!isField(kind, field)) throw unknownField(key, field, kind)
    const other = columnOf.get(field)
    if (other !== undefined && other !== at) throw fieldTwice(field, [columns[other]!, columns[at]!])
    columnOf.set(field, at)
  }
  if (!identifies(kind, new Set(columnOf.keys()))) throw nothingIdentifies(kind)
  return columns.map((_, at) => fieldOf.get(at)?.field ?? null)
}

/** A column by its header as it stands, else by the same header written a little differently, else by position. */
function placeOf(key: string, columns: readonly string[]): number | null {
  const exact = columns.indexOf(key)
  if (exact >= 0) return exact
  const wanted = key.trim().toLowerCase()
  const alike = columns.findIndex((column) => column.trim().toLowerCase() === wanted)
  if (alike >= 0) return alike
  const position = /^[1-9]\d{0,4}$/.test(wanted) ? Number(wanted) : 0
  return position >= 1 && position <= columns.length ? position - 1 : null
}

function candidatesOf(
  at: number,
  header: string,
  sample: readonly (string | null)[],
  kind: ImportKind,
  headerless: boolean,
): { candidates: Candidate[]; otherwise: GuessReason } {
  const named = fieldNamedBy(header, kind)
  if (named !== null) {
    const candidate: Candidate = { at, field: named, score: scores.exact + 1, certainty: 'certain', reason: 'header' }
    return { candidates: [candidate], otherwise: 'field_taken' }
  }
  if (kind === 'members' && plainHeader(header).includes('openid')) {
    return { candidates: [], otherwise: 'openid_needs_account' }
  }
  const reading = readHeader(header, kind)
  if (reading === 'other') return { candidates: [], otherwise: 'known_other' }
  if (reading === 'somebody_else') return { candidates: [], otherwise: 'somebody_else' }

  const column = columnValues(sample)
  const candidates: Candidate[] = []
  if (reading !== null) {
    const candidate = fromHeader(at, reading, fitOf(reading.field, column))
    if (candidate !== null) candidates.push(candidate)
  }
  if (reading === null || candidates.length === 0 || candidates[0]!.reason === 'values_disagree') {
    for (const { field, strong } of suggestionsOf(column, kind, headerless)) {
      const score = strong ? scores.strongValues : scores.weakValues
      candidates.push({ at, field, score, certainty: strong ? 'likely' : 'confirm', reason: 'values' })
    }
  }
  return { candidates, otherwise: column.values.length === 0 ? 'empty' : 'nothing_fits' }
}

function fromHeader(at: number, { field, match, rank }: HeaderReading, fit: number | null): Candidate | null {
  const candidate = (score: number, certainty: Certainty, reason: GuessReason) => ({
    at,
    field,
    score: score - rank,
    certainty,
    reason,
  })
  if (fit !== null && fit < halfFit) {
    // The values of a column whose header only resembles a field have the last word.
    return match === 'exact' ? candidate(scores.strongValues - 100, 'confirm', 'values_disagree') : null
  }
  const reason = fit === null ? 'header' : 'header_and_values'
  if (match === 'exact') return candidate(scores.exact, 'certain', reason)
  if (match === 'weak') return candidate(scores.weak, 'likely', reason)
  return candidate(scores.part, fit === null ? 'confirm' : 'likely', 'header_part')
}

/** A header that is a field's own name: externalId, custom.size, openid@gh_1. */
function fieldNamedBy(header: string, kind: ImportKind): string | null {
  const text = header.trim()
  const field = fieldsOf[kind].find((name) => name === text)
  if (field !== undefined) return field
  if (kind !== 'members') return null
  const openid = /^openid[@_:\s]+([\w-]{1,64})$/i.exec(text)
  if (openid) return `openid@${openid[1]}`
  return isField(kind, text) ? text : null
}

/** «Имя» beside «Фамилия» is the given name, alone it is the whole; the same for "Name" beside "Surname". */
function settleNames(chosen: Map<number, Candidate>, columns: readonly string[]): void {
  const columnOf = (field: string) => [...chosen.values()].find((candidate) => candidate.field === field)
  const [family, given, whole] = [columnOf('familyName'), columnOf('givenName'), columnOf('name')]
  if (family && whole && !given && ['name', '名字'].includes(plainHeader(columns[whole.at] ?? '')))
    whole.field = 'givenName'
  if (given && !family && !whole && plainHeader(columns[given.at] ?? '') === 'имя') given.field = 'name'
}
