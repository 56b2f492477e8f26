/**
 * How the fields of the dictionary are written in the records that are there. They stand sealed, so a walk opens all of
 * them in memory, a page at a time, and keeps nothing but how often each spelling came, by channel, sealed. It runs at
 * night and when somebody asks.
 */
import { sql } from 'kysely'
import { type Channel, channels } from '#modules/channels'
import { cleanTags } from '#modules/cleaning'
import { fieldOf, Lexicon, memberWords } from '#modules/dictionary'
import { fillFindings, lacksFindings, recordsAfter, roughlyRecords, type StandingRecord } from '#modules/members'
import { type OrderWord, wordsOfOrders } from '#modules/orders'
import { type Ctx, seesChannel, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { addJob, type Job } from '#platform/jobs'
import { type Columns, insertOf } from '#platform/rows'
import { askForRebuild } from '#platform/warehouse-feed'
import { type Counted, type Proposal, proposalsOf } from './proposals.ts'

/** A page is opened in some hundredths of a second; in between others have their turn. */
const atOnce = 1_000
const pagesBetweenNotes = 10
/** Of a field of a channel; what is rarer is nobody's way of writing. */
const keptAtMost = 2_000
const countedAtMost = 20_000
/** A custom field that nobody described may hold anything: it is listed only where few texts come again and again. */
const fewDifferent = 200
const shownAtMost = 500

type Counts = Map<number, Map<string, Map<string, number>>>

/** The texts that a field of a record says, and what could not be taken for one. */
export function textsOf(values: StandingRecord['values'], field: string): string[] {
  const said = [values[field], values[`raw.${field}`]]
  return said.flatMap((value) =>
    value === undefined ? [] : field === 'tags' && typeof value === 'string' ? cleanTags(value) : value,
  )
}

const isWord = (field: string) => (memberWords as readonly string[]).includes(field) || field.startsWith('custom.')

function count(counts: Counts, { channelId, values }: StandingRecord): void {
  const fields = new Set(Object.keys(values).map((field) => field.replace(/^raw\./, '')))
  for (const field of fields) {
    if (!isWord(field)) continue
    for (const text of textsOf(values, field)) add(counts, channelId, field, text, 1)
  }
}

function add(counts: Counts, channelId: number, field: string, text: string, by: number): void {
  const ofChannel = counts.get(channelId) ?? new Map<string, Map<string, number>>()
  counts.set(channelId, ofChannel)
  const ofField = ofChannel.get(field) ?? new Map<string, number>()
  ofChannel.set(field, ofField)
  const before = ofField.get(text)
  if (before === undefined && ofField.size >= countedAtMost) return
  ofField.set(text, (before ?? 0) + by)
}

export async function survey(house: Pick<House, 'db' | 'stopping'>): Promise<void> {
  const id = newId()
  const act = <T>(what: (ctx: Ctx) => Promise<T>) => inTx(house.db, systemActor, what)
  await act(async (ctx) => {
    // Of one that the program ended under nothing is left but its row.
    await sql`delete from quality.surveys where state <> 'done'`.execute(ctx.tx)
    await sql`insert into quality.surveys (id, state, total, began_at) values (${id}, 'running', ${await roughlyRecords(ctx)}, ${ctx.now})`.execute(
      ctx.tx,
    )
  })
  const counts: Counts = new Map()
  let filled = 0
  let looked = 0
  for (let after: string | null = null, page = 1; ; page++) {
    house.stopping.throwIfAborted()
    const from: string | null = after
    const { records, last } = await act(async (ctx) => {
      const found = await recordsAfter(ctx, { after: from, limit: atOnce })
      filled += await fillFindings(ctx, found.records)
      return found
    })
    for (const record of records) count(counts, record)
    looked += records.length
    if (last === null) break
    after = last
    if (page % pagesBetweenNotes === 0)
      await sql`update quality.surveys set looked = ${looked} where id = ${id}`.execute(house.db.kysely)
  }
  for (const field of ['product', 'paymentMethod'] satisfies OrderWord[]) {
    const words = await act((ctx) => wordsOfOrders(ctx, field, keptAtMost))
    for (const { channelId, text, count } of words) add(counts, channelId, field, text, count)
  }
  await act(async (ctx) => {
    await keep(ctx, id, counts)
    await sql`update quality.surveys set state = 'done', looked = ${looked}, total = ${looked}, ended_at = ${ctx.now} where id = ${id}`.execute(
      ctx.tx,
    )
    await sql`delete from quality.surveys where id <> ${id}`.execute(ctx.tx)
    // What records say of themselves is known now and no event told of it.
    if (filled > 0) await askForRebuild(ctx)
  })
}

const place = (id: string, channelId: number, field: string) => `spellings:${id}:${channelId}:${field}`

async function keep(ctx: Ctx, id: string, counts: Counts): Promise<void> {
  const rows = [...counts].flatMap(([channelId, fields]) =>
    [...fields].map(([field, texts]) => ({
      channelId,
      field,
      sealed: ctx.vault.seal(
        ctx.vault.keys.staging,
        place(id, channelId, field),
        [...texts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, keptAtMost),
      ),
    })),
  )
  if (rows.length === 0) return
  const columns: Columns<(typeof rows)[number]> = {
    survey_id: ['uuid', () => id],
    channel_id: ['int', ({ channelId }) => channelId],
    field: ['text', ({ field }) => field],
    sealed: ['bytea', ({ sealed }) => sealed],
  }
  await insertOf('quality.spellings', columns, rows).execute(ctx.tx)
}

export const surveying: Job = { name: 'quality.survey', cron: '20 18 * * *', run: (house) => survey(house) }

export const askForSurvey = (ctx: Ctx) => addJob(ctx, surveying.name, {}, { key: 'asked' })

/** After an upgrade the records that were there have to be looked at once. */
export async function surveyIfNeeded(house: House): Promise<void> {
  await inTx(house.db, systemActor, async (ctx) => {
    if (await lacksFindings(ctx)) await askForSurvey(ctx)
  })
}

/** Whether all records have been looked at since that is done. */
export const isComplete = async (ctx: Ctx) => !(await lacksFindings(ctx))

export interface Spellings {
  surveyedAt: string | null
  progress: { looked: number; total: number } | null
  spellings: {
    text: string
    count: number
    code: string | null
    state: 'value' | 'spelling' | 'blank' | 'unknown'
  }[]
  different: number
  proposals: Proposal[]
  toRewrite: number
}

/** Within the scope, by the dictionary as it is now. */
export async function spellingsOf(
  ctx: Ctx,
  { field, company }: { field: string; company: string | null },
  companyChannels: ReadonlyMap<string, readonly number[]>,
): Promise<Spellings> {
  const entry = await fieldOf(ctx, { field, company })
  const { rows: surveys } = await sql<{
    id: string
    state: string
    looked: number
    total: number
    endedAt: Date | null
  }>`select id, state, looked, total, ended_at as "endedAt" from quality.surveys order by began_at`.execute(ctx.tx)
  const done = surveys.find(({ state }) => state === 'done')
  const running = surveys.find(({ state }) => state === 'running')
  const under = company === null ? null : (companyChannels.get(company) ?? [])
  const seen = (await channels(ctx)).filter(
    ({ id }: Channel) => seesChannel(ctx.actor.scope, id) && (under === null || under.includes(id)),
  )
  const counted = done ? await counts(ctx, done.id, field, new Set(seen.map(({ id }) => id))) : []
  const rare = field.startsWith('custom.') && entry.kind !== 'choice' && counted.length > fewDifferent ? [] : counted
  const lexicon = new Lexicon([entry])
  const isCode = new Set(entry.values.map(({ code }) => code))
  const spellings = rare.map(({ text, count }) => {
    const code = lexicon.codeOf(field, text)
    const state = code === undefined ? 'unknown' : code === null ? 'blank' : isCode.has(text) ? 'value' : 'spelling'
    return { text, count, code: code ?? null, state } as const
  })
  return {
    surveyedAt: done?.endedAt?.toISOString() ?? null,
    progress: running ? { looked: running.looked, total: running.total } : null,
    spellings: spellings.slice(0, shownAtMost),
    different: counted.length,
    proposals: entry.kind === 'choice' ? proposalsOf(entry, rare).slice(0, 100) : [],
    toRewrite: spellings
      .filter(({ state }) => state === 'spelling' || state === 'blank')
      .reduce((sum, one) => sum + one.count, 0),
  }
}

async function counts(ctx: Ctx, id: string, field: string, seen: ReadonlySet<number>): Promise<Counted[]> {
  const { rows } = await sql<{ channelId: number; sealed: Buffer }>`
    select channel_id as "channelId", sealed from quality.spellings where survey_id = ${id} and field = ${field}`.execute(
    ctx.tx,
  )
  const sums = new Map<string, number>()
  for (const { channelId, sealed } of rows) {
    if (!seen.has(channelId)) continue
    for (const [text, times] of ctx.vault.open<[string, number][]>(
      ctx.vault.keys.staging,
      place(id, channelId, field),
      sealed,
    ))
      sums.set(text, (sums.get(text) ?? 0) + times)
  }
  return [...sums]
    .map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
}
