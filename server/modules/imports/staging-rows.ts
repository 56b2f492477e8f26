/**
 * What a worker makes of a file's rows, without a database: each row cleaned, keyed and ready to be sealed; the report
 * on the way. Pure but for the counting, so it is tested without files.
 */
import type { Channel } from '#modules/channels'
import { cleanConsent, cleanDate, cleanQuantity } from '#modules/cleaning'
import { type Described, Lexicon } from '#modules/dictionary'
import {
  cleanRecord,
  isAboutNobody,
  isRefused,
  knownByContent,
  type PreparedRecord,
  prepareRecord,
  type RecordValues,
} from '#modules/members'
import { cleanOrderLine, type LineIntake, orderKey } from '#modules/orders'
import type { Vault } from '#platform/vault'
import { topicOfField } from './fields.ts'
import type { SourceRow } from './files/index.ts'

export interface StagingOptions {
  channel: Channel
  kind: 'members' | 'orders'
  /** Field of each column, in order; null: left out. */
  fields: readonly (string | null)[]
  columns: number
  country: string
  currency: string
  timeZone: string
  today: string
  dayFirst: boolean | null
  decimalComma: boolean | null
  /** The dictionary of the channel. */
  described: readonly Described[]
}

/** A row of members as it is staged. */
export interface StagedMember {
  record: Omit<PreparedRecord, 'key' | 'contentHash'>
  /** Known by its content only: equal rows are told apart by their number. */
  byContent: boolean
  /** Balance of an older programme. */
  opening: { points: number; expiresAt: string | null } | null
  /** What they agreed to elsewhere, and on which day; null where the row says nothing of it. */
  consents: { at: string | null; said: { topic: string; given: boolean }[] } | null
}

/** A row of orders: one line. `customer` is null where the file says nothing about who ordered. */
export interface StagedOrder {
  customer: PreparedRecord | null
  line: Omit<LineIntake, 'changes' | 'problems' | 'orderedAt'> & { orderedAt: string }
}

export interface StagedRow {
  rowNumber: number
  key: string
  contentHash: string
  payload: StagedMember | StagedOrder
}

export interface ReportLine {
  code: string
  field: string
  count: number
  examples: { before: string; after: string | null }[]
}

export interface StagingReport {
  rows: number
  changes: ReportLine[]
  problems: ReportLine[]
  rejections: { code: string; count: number }[]
  warnings: { code: string; count: number; row: number | null }[]
  columns: { filled: number; asIs: number; changed: number; wrong: number }[]
  /** Sum of the opening balances of all rows that came in. */
  openingPoints: number
}

const examplesKept = 3

export class RowStager {
  private readonly vault: Pick<Vault, 'blind' | 'bare'>
  private readonly options: StagingOptions & { lexicon: Lexicon }
  private readonly refused: ReadonlySet<string>
  private readonly columnsOf = new Map<string, number[]>()
  private readonly changes = new Map<string, ReportLine>()
  private readonly problems = new Map<string, ReportLine>()
  private readonly rejections = new Map<string, number>()
  private readonly columns: StagingReport['columns']
  private rows = 0
  private openingPoints = 0

  /** `refused`: who may not be made again (members/refusals). */
  constructor(vault: Pick<Vault, 'blind' | 'bare'>, options: StagingOptions, refused: ReadonlySet<string> = new Set()) {
    this.vault = vault
    this.refused = refused
    this.options = { ...options, lexicon: new Lexicon(options.described) }
    this.columns = Array.from({ length: options.columns }, () => ({ filled: 0, asIs: 0, changed: 0, wrong: 0 }))
    options.fields.forEach((field, index) => {
      if (field === null) return
      const list = this.columnsOf.get(field)
      if (list) list.push(index)
      else this.columnsOf.set(field, [index])
    })
  }

  /** Cleans one row; null with the reason when nobody or no order could be made of it. */
  stage(row: SourceRow): { staged: StagedRow } | { rejected: string } {
    this.rows++
    const raw: Record<string, string | null> = {}
    this.options.fields.forEach((field, index) => {
      const text = row.cells[index]
      if (text === null || text === undefined || text.trim() === '') return
      this.columns[index]!.filled++
      if (field !== null) raw[field] = text
    })
    const extra = row.cells.slice(this.options.columns).some((cell) => cell !== null && cell.trim() !== '')
    if (extra) return this.reject('row.too_many_cells')
    return this.options.kind === 'members' ? this.stageMember(row, raw) : this.stageOrder(row, raw)
  }

  private stageMember(
    row: SourceRow,
    raw: Record<string, string | null>,
  ): { staged: StagedRow } | { rejected: string } {
    const { channel } = this.options
    const { openingPoints, openingPointsExpireAt, consentedAt, ...rest } = raw
    const agreed = Object.entries(rest).filter(([field]) => topicOfField(field) !== null)
    const said = Object.fromEntries(Object.entries(rest).filter(([field]) => topicOfField(field) === null))
    const intake = cleanRecord(said, this.options)
    // First: nothing of them goes into the report's examples.
    if (this.isRefused(intake.values)) return this.reject('row.refused')
    this.count(intake.changes, intake.problems)
    if (isAboutNobody(intake.values)) return this.reject(Object.keys(raw).length === 0 ? 'row.empty' : 'row.nobody')
    const opening = this.openingOf(openingPoints ?? null, openingPointsExpireAt ?? null)
    if (opening) {
      // Beside the record's values, so that the row's hash and whoever looks at the record know of it.
      intake.values.openingPoints = String(opening.points)
      if (opening.expiresAt) intake.values.openingPointsExpireAt = opening.expiresAt
      this.openingPoints += opening.points
    }
    const { key, contentHash, ...record } = prepareRecord(this.vault, channel, intake.values, { name: intake.name })
    return {
      staged: {
        rowNumber: row.number,
        key,
        contentHash,
        payload: {
          record,
          byContent: knownByContent(intake.values, channel),
          opening,
          consents: this.consentsOf(agreed, consentedAt ?? null),
        },
      },
    }
  }

  /** A day in the future is none: nothing was said on it yet. */
  private consentsOf(agreed: readonly [string, string | null][], day: string | null): StagedMember['consents'] {
    const said = agreed.flatMap(([field, text]) => {
      const agreed = cleanConsent(text)
      if (agreed.value !== null) return [{ topic: topicOfField(field)!, given: agreed.value }]
      if (agreed.problem) this.count([], [{ field, code: agreed.problem, before: text ?? '' }])
      return []
    })
    const { dayFirst, today } = this.options
    const at = cleanDate(day, dayFirst === null ? {} : { dayFirst })
    const isPast = at.value !== null && at.value <= today
    if (day !== null && !isPast)
      this.count(
        [],
        [{ field: 'consentedAt', code: (at.value === null && at.problem) || 'date.unreadable', before: day }],
      )
    return said.length === 0 ? null : { at: isPast ? at.value : null, said }
  }

  private openingOf(points: string | null, expires: string | null): StagedMember['opening'] {
    const quantity = cleanQuantity(points)
    const whole = quantity.value !== null && Number.isSafeInteger(quantity.value) && quantity.value >= 0
    if (points !== null && !whole) {
      const code = quantity.value === null ? (quantity.problem ?? 'quantity.unreadable') : 'quantity.not_whole'
      this.count([], [{ field: 'openingPoints', code, before: points }])
    }
    if (!whole || quantity.value === 0) return null
    const expiresAt = cleanDate(expires, this.options.dayFirst === null ? {} : { dayFirst: this.options.dayFirst })
    if (expires !== null && expiresAt.value === null) {
      this.count(
        [],
        [{ field: 'openingPointsExpireAt', code: expiresAt.problem ?? 'date.unreadable', before: expires }],
      )
    }
    return { points: Number(quantity.value), expiresAt: expiresAt.value }
  }

  private stageOrder(row: SourceRow, raw: Record<string, string | null>): { staged: StagedRow } | { rejected: string } {
    const { channel } = this.options
    const { customerExternalId, phone, ...order } = raw
    const line = cleanOrderLine(order, this.options)
    const who = cleanRecord({ externalId: customerExternalId ?? null, phone: phone ?? null }, this.options)
    const problems = [
      ...line.problems,
      ...who.problems.map((problem) =>
        problem.field === 'externalId' ? { ...problem, field: 'customerExternalId' } : problem,
      ),
    ]
    const isRefused = this.isRefused(who.values)
    this.count(isRefused ? line.changes : [...line.changes, ...who.changes], isRefused ? line.problems : problems)
    if (Object.keys(raw).length === 0) return this.reject('row.empty')
    if (line.line === null) return this.reject(raw.amount ? 'row.amount_unreadable' : 'row.no_amount')
    if (line.orderedAt === null) return this.reject(raw.orderedAt ? 'row.date_unreadable' : 'row.no_date')
    const { changes: _changes, problems: _problems, orderedAt, ...rest } = line
    const customer = isAboutNobody(who.values)
      ? null
      : prepareRecord(this.vault, channel, who.values, { name: who.name })
    const said = { ...rest, orderedAt: orderedAt.toISOString() }
    const bare = customer ? this.vault.bare(customer.key) : null
    // Without a number, equal cells are equal orders: also those of columns that nobody mapped.
    const content = line.number === null ? JSON.stringify([bare, row.cells]) : ''
    const key = orderKey(this.vault, channel, { number: line.number, content, ordinal: 0 })
    const contentHash = this.vault.blind('order row', JSON.stringify([bare, said]))
    return {
      staged: {
        rowNumber: row.number,
        key,
        contentHash,
        payload: { customer: isRefused ? null : customer, line: said },
      },
    }
  }

  /** Of somebody who was erased at their own request: they don't come in by a file, their orders do without them. */
  private isRefused(values: RecordValues): boolean {
    if (this.refused.size === 0 || isAboutNobody(values)) return false
    return isRefused(this.vault, this.refused, prepareRecord(this.vault, this.options.channel, values))
  }

  private reject(code: string): { rejected: string } {
    this.rejections.set(code, (this.rejections.get(code) ?? 0) + 1)
    return { rejected: code }
  }

  private count(
    changes: readonly { field: string; code: string; before: string; after: string }[],
    problems: readonly { field: string; code: string; before: string }[],
  ): void {
    for (const { field, code, before, after } of changes) {
      this.note(this.changes, field, code, { before, after })
      for (const index of this.columnsFor(field)) this.columns[index]!.changed++
    }
    for (const { field, code, before } of problems) {
      this.note(this.problems, field, code, { before, after: null })
      for (const index of this.columnsFor(field)) this.columns[index]!.wrong++
    }
  }

  /** A name may come from two columns; both are meant. */
  private columnsFor(field: string): readonly number[] {
    const own = this.columnsOf.get(field)
    if (own) return own
    return field === 'name'
      ? [...(this.columnsOf.get('familyName') ?? []), ...(this.columnsOf.get('givenName') ?? [])]
      : []
  }

  private note(
    lines: Map<string, ReportLine>,
    field: string,
    code: string,
    example: ReportLine['examples'][number],
  ): void {
    const key = `${field}\u0000${code}`
    let line = lines.get(key)
    if (!line) {
      line = { field, code, count: 0, examples: [] }
      lines.set(key, line)
    }
    line.count++
    if (
      line.examples.length < examplesKept &&
      example.before.length <= 200 &&
      !line.examples.some(({ before }) => before === example.before)
    )
      line.examples.push(example)
  }

  /** What was done so far; of the file itself whoever reads it can warn. */
  report(): StagingReport {
    return {
      rows: this.rows,
      changes: [...this.changes.values()],
      problems: [...this.problems.values()],
      rejections: [...this.rejections].map(([code, count]) => ({ code, count })),
      openingPoints: this.openingPoints,
      warnings: [],
      columns: this.columns,
    }
  }
}

/** The report over all rows, however they were shared; what is most frequent comes first. */
export function mergeReports(parts: readonly StagingReport[]): Omit<StagingReport, 'warnings'> {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const merged = (lines: readonly ReportLine[]) =>
    [...Map.groupBy(lines, ({ field, code }) => `${field}\u0000${code}`).values()]
      .map((same) => ({
        ...same[0]!,
        count: sum(same.map(({ count }) => count)),
        examples: [
          ...new Map(same.flatMap(({ examples }) => examples).map((example) => [example.before, example])).values(),
        ].slice(0, examplesKept),
      }))
      .sort((a, b) => b.count - a.count)
  const columns = parts[0]!.columns.map((_, index) => {
    const of = (key: 'filled' | 'changed' | 'wrong') => sum(parts.map((part) => part.columns[index]![key]))
    const [filled, changed, wrong] = [of('filled'), of('changed'), of('wrong')]
    return { filled, changed, wrong, asIs: Math.max(0, filled - changed - wrong) }
  })
  return {
    rows: sum(parts.map(({ rows }) => rows)),
    changes: merged(parts.flatMap(({ changes }) => changes)),
    problems: merged(parts.flatMap(({ problems }) => problems)),
    rejections: [
      ...Map.groupBy(
        parts.flatMap(({ rejections }) => rejections),
        ({ code }) => code,
      ),
    ]
      .map(([code, same]) => ({ code, count: sum(same.map(({ count }) => count)) }))
      .sort((a, b) => b.count - a.count),
    openingPoints: sum(parts.map(({ openingPoints }) => openingPoints)),
    columns,
  }
}

export type { RecordValues }
