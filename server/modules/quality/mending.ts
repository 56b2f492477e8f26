/**
 * The work of a mending: a chunk of records in an act of its own, with the place where the next one goes on, so that it
 * can end anywhere and no record is changed twice. What it changed is noted for its undo.
 */
import { sql } from 'kysely'
import { Lexicon } from '#modules/dictionary'
import {
  type Amendment,
  amendRecords,
  cleanRecord,
  recordsAfter,
  type StandingRecord,
  saidBefore,
  standingOf,
} from '#modules/members'
import { type OrderWord, respellBack, respellOrders } from '#modules/orders'
import { channelsOfCompanies } from '#modules/organisation'
import { dayOf } from '#platform/clock'
import { type Actor, type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { Job } from '#platform/jobs'
import { arrayOf } from '#platform/rows'
import { readSettings } from '#platform/settings'
import { describedByChannel, type Mending, mendingJob, mendingOf, sealedPlace, type Words } from './mendings.ts'
import { textsOf } from './survey.ts'

/** Looked at in one act, and written: it stays well under a second. */
const lookedAtOnce = 1_000
const writtenAtOnce = 300

export const mendingWork: Job = {
  name: mendingJob,
  run: async ({ db, stopping }, payload) => {
    const { id } = payload as { id: string }
    const { actor, scope } = await inTx(db, systemActor, (ctx) => mendingOf(ctx, id))
    const [kind, who] = actor.split(':')
    // As whoever asked for it, over what they saw then.
    const asked: Actor = { ...systemActor, kind: kind as Actor['kind'], id: who ?? null, scope }
    while (!stopping.aborted && (await inTx(db, asked, (ctx) => chunk(ctx, id))));
  },
}

/** One chunk; says whether there may be more. */
export async function chunk(ctx: Ctx, id: string): Promise<boolean> {
  const mending = await mendingOf(ctx, id, { lock: true })
  if (mending.state === 'undoing') return undoChunk(ctx, mending)
  if (mending.state !== 'running') return false
  const words = ctx.vault.open<Words>(ctx.vault.keys.staging, sealedPlace(id), mending.sealed)
  if (mending.subject === 'orders') return ordersChunk(ctx, mending, words)
  return words.described ? dictionaryChunk(ctx, mending, words) : chosenChunk(ctx, mending, words)
}

async function goOn(
  ctx: Ctx,
  { id }: Mending,
  {
    after,
    looked,
    written,
  }: { after: string | null; looked: number; written: { home: string; subject: string; version: number }[] },
): Promise<boolean> {
  await sql`insert into quality.mended (member_id, mending_id, subject_id, version)
    select m, ${id}, s, v from unnest(${arrayOf(
      'uuid',
      written.map(({ home }) => home),
    )}, ${arrayOf(
      'uuid',
      written.map(({ subject }) => subject),
    )}, ${arrayOf(
      'int',
      written.map(({ version }) => version),
    )}) as u(m, s, v)
    on conflict (member_id, mending_id, subject_id) do update set version = excluded.version`.execute(ctx.tx)
  await sql`update quality.mendings set looked = looked + ${looked}, changed = changed + ${written.length},
      ${after === null ? sql`state = 'done', finished_at = ${ctx.now}, total = looked + ${looked}` : sql`after = ${after}::uuid`}
    where id = ${id}`.execute(ctx.tx)
  return after !== null
}

/** Channels of the company whose field it is; null: all. */
async function channelsFor(ctx: Ctx, { companyId }: Mending): Promise<number[] | undefined> {
  if (companyId === null) return undefined
  return (await channelsOfCompanies(ctx, [companyId])).get(companyId) ?? []
}

async function ordersChunk(ctx: Ctx, mending: Mending, { described }: Words): Promise<boolean> {
  const lexicon = new Lexicon([described!])
  const { looked, written, last } = await respellOrders(ctx, {
    field: mending.field as OrderWord,
    means: (text) => lexicon.codeOf(mending.field, text),
    after: mending.after,
    limit: writtenAtOnce,
  })
  return goOn(ctx, mending, {
    after: last,
    looked,
    written: written.map(({ memberId, orderId, version }) => ({ home: memberId, subject: orderId, version })),
  })
}

async function dictionaryChunk(ctx: Ctx, mending: Mending, { described }: Words): Promise<boolean> {
  const lexicon = new Lexicon([described!])
  const { records, last } = await recordsAfter(ctx, {
    after: mending.after,
    limit: lookedAtOnce,
    channelIds: await channelsFor(ctx, mending),
  })
  const amendments: Amendment[] = []
  let looked = 0
  let after = last
  for (const record of records) {
    looked++
    const said = respelled(lexicon, mending.field, record)
    if (said) amendments.push({ home: record.home, said })
    if (amendments.length === writtenAtOnce) {
      after = record.home
      break
    }
  }
  const written = await amendRecords(ctx, amendments, { as: 'spelling', origin: 'import' })
  return goOn(ctx, mending, { after, looked, written: written.map((one) => ({ ...one, subject: one.home })) })
}

/** The words of a record where the dictionary has others; null: it is as it should be. */
function respelled(lexicon: Lexicon, field: string, { values }: StandingRecord): Amendment['said'] | null {
  const before = textsOf(values, field)
  const meant = before.map((text) => lexicon.codeOf(field, text))
  if (meant.every((code, at) => code === undefined || code === before[at])) return null
  const isRaw = values[`raw.${field}`] !== undefined
  const standing = values[field]
  if (field === 'tags') {
    const tags = [...new Set(meant.flatMap((code, at) => (code === undefined ? before[at]! : (code ?? []))))]
    return { tags: tags.length > 0 ? tags : '', ...(isRaw ? { 'raw.tags': '' } : {}) }
  }
  // What stands in force goes before what could not be read.
  const text = typeof standing === 'string' ? standing : String(values[`raw.${field}`])
  const code = lexicon.codeOf(field, text)
  if (code === undefined) return null
  return { [field]: code ?? '', ...(isRaw ? { [`raw.${field}`]: '' } : {}) }
}

async function chosenChunk(ctx: Ctx, mending: Mending, words: Words): Promise<boolean> {
  const { rows } = await sql<{ home: string }>`
    select member_id as home from quality.chosen where mending_id = ${mending.id}
      ${mending.after === null ? sql`` : sql`and member_id > ${mending.after}::uuid`} order by member_id limit ${writtenAtOnce}`.execute(
    ctx.tx,
  )
  const homes = rows.map(({ home }) => home)
  const records = await standingOf(ctx, homes)
  const amendments = await chosenAmendments(ctx, mending, words, records)
  const written = await amendRecords(ctx, amendments, { as: 'word', origin: 'import' })
  return goOn(ctx, mending, {
    after: homes.at(-1) ?? null,
    looked: homes.length,
    written: written.map((one) => ({ ...one, subject: one.home })),
  })
}

async function chosenAmendments(
  ctx: Ctx,
  { kind, field }: Mending,
  { value, from }: Words,
  records: readonly StandingRecord[],
): Promise<Amendment[]> {
  if (kind === 'clear') {
    return records.flatMap(({ home, values }) => {
      const isRaw = values[`raw.${field}`] !== undefined
      const isSet = values[field] !== undefined && (isRaw ? false : clearable(field))
      if (!isRaw && !isSet) return []
      return [{ home, said: isRaw ? { [`raw.${field}`]: '' } : { [field]: '' } }]
    })
  }
  const { country, timeZone } = await readSettings(ctx)
  const described = await describedByChannel(
    ctx,
    records.map(({ channelId }) => channelId),
  )
  return records.flatMap(({ home, channelId, values }) => {
    if (kind === 'map' && !textsOf(values, field).includes(from!)) return []
    const { values: cleaned } = cleanRecord(
      { [field]: value! },
      { country, timeZone, today: dayOf(ctx.now, timeZone), lexicon: new Lexicon(described.get(channelId)!) },
    )
    const told = cleaned[field]
    if (told === undefined) return []
    const next =
      field === 'tags' ? [...new Set([...textsOf(values, 'tags').filter((tag) => tag !== from), ...told])] : told
    if (JSON.stringify(next) === JSON.stringify(values[field])) return []
    return [{ home, said: { [field]: next, [`raw.${field}`]: '' } }]
  })
}

/** Without what makes somebody known: for many at once that is never cleared, only what could not be read for it. */
const identifying = new Set(['name', 'phone', 'email', 'documentNumber', 'documentType', 'birthDate'])
const clearable = (field: string) => !identifying.has(field)

/** Puts back what stood before, where the record is still as the mending left it. */
async function undoChunk(ctx: Ctx, { id, subject, field }: Mending): Promise<boolean> {
  const { rows } = await sql<{ home: string; subject: string; version: number }>`
    delete from quality.mended where (member_id, mending_id, subject_id) in (
      select member_id, mending_id, subject_id from quality.mended where mending_id = ${id} order by subject_id limit ${writtenAtOnce})
    returning member_id as home, subject_id as subject, version`.execute(ctx.tx)
  const undone =
    subject === 'orders'
      ? await respellBack(
          ctx,
          field as OrderWord,
          rows.map(({ home, subject: orderId, version }) => ({ memberId: home, orderId, version })),
        )
      : await undoRecords(ctx, field, rows)
  const isLast = rows.length < writtenAtOnce
  await sql`update quality.mendings set undone = undone + ${undone}
    ${isLast ? sql`, state = 'undone', finished_at = ${ctx.now}` : sql``} where id = ${id}`.execute(ctx.tx)
  return !isLast
}

async function undoRecords(
  ctx: Ctx,
  field: string,
  rows: readonly { home: string; version: number }[],
): Promise<number> {
  const versions = new Map(rows.map(({ home, version }) => [home, version]))
  const still = (await standingOf(ctx, [...versions.keys()])).filter(
    ({ home, version }) => versions.get(home) === version,
  )
  const before = await saidBefore(
    ctx,
    still.map(({ home, version }) => ({ home, version: version - 1 })),
  )
  const amendments = still.flatMap(({ home }) => {
    const said = before.get(home)
    if (!said) return []
    const { values, seenAt } = said
    return [{ home, seenAt, said: { [field]: values[field] ?? '', [`raw.${field}`]: values[`raw.${field}`] ?? '' } }]
  })
  return (await amendRecords(ctx, amendments, { as: 'spelling', origin: 'import' })).length
}
