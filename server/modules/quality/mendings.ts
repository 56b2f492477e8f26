/** What is done to many at once, as rows: begun, followed, stopped, undone. The work itself is a job (`mending.ts`). */
import { sql } from 'kysely'
import { actorNames } from '#modules/access'
import { channels } from '#modules/channels'
import { type Described, describedFor, fieldOf, groupOnly } from '#modules/dictionary'
import { homesOfAll, roughlyRecords, seenHomes, standingOf } from '#modules/members'
import type { Actor, Ctx, Scope } from '#platform/ctx'
import { inTx } from '#platform/db'
import { actorName } from '#platform/events'
import type { House } from '#platform/house'
import { addJob } from '#platform/jobs'
import { arrayOf } from '#platform/rows'
import type { MendingView, mendingKinds } from './contract.ts'
import { settableFields } from './contract.ts'
import { personsBehind } from './counting.ts'
import {
  fieldNotForMany,
  mendingNotFound,
  mendingWrongState,
  nobodyChosen,
  nothingToApply,
  tooManyChosen,
  valueNeeded,
} from './errors.ts'
import { type Asked, placeOf } from './places.ts'

export const mendingJob = 'quality.mend'
/** More than a person can answer for. */
const chosenAtMost = 100_000

export interface Mending {
  id: string
  kind: (typeof mendingKinds)[number]
  subject: 'records' | 'orders'
  field: string
  companyId: number | null
  sealed: Buffer
  state: MendingView['state']
  after: string | null
  looked: number
  changed: number
  undone: number
  total: number
  reason: string
  actor: string
  scope: Scope
  createdAt: Date
  finishedAt: Date | null
}

/** What it writes. A dictionary is kept as it was when it was applied, so that going on means going on with the same. */
export interface Words {
  described: Described | null
  value: string | null
  from: string | null
}

const columns = sql`id, kind, subject, field, company_id as "companyId", sealed, state, after, looked, changed, undone, total, reason, actor,
  actor_scope as scope, created_at as "createdAt", finished_at as "finishedAt"`

export const sealedPlace = (id: string) => `mending:${id}`

export async function mendingOf(ctx: Ctx, id: string, { lock = false } = {}): Promise<Mending> {
  const { rows } = await sql<Mending>`
    select ${columns} from quality.mendings where id = ${id} ${lock ? sql`for update` : sql``}`.execute(ctx.tx)
  if (!rows[0] || !reaches(ctx.actor, rows[0])) throw mendingNotFound(id)
  return rows[0]
}

/** What was done over more than somebody sees is not theirs to read: its reason and its counts tell of others. */
function reaches({ scope }: Actor, { scope: done }: Pick<Mending, 'scope'>): boolean {
  if (scope === 'group') return true
  if (done === 'group' || 'memberIds' in scope || 'memberIds' in done) return false
  return (
    done.channelIds.every((id) => scope.channelIds.includes(id)) &&
    (done.servedBy === null || done.servedBy === scope.servedBy)
  )
}

export async function mendings(ctx: Ctx, limit: number): Promise<Mending[]> {
  const { rows } = await sql<Mending>`
    select ${columns} from quality.mendings order by created_at desc, id desc limit 200`.execute(ctx.tx)
  return rows.filter((row) => reaches(ctx.actor, row)).slice(0, limit)
}

export async function shown(ctx: Ctx, rows: readonly Mending[]): Promise<MendingView[]> {
  const names = await actorNames(ctx, [...new Set(rows.map(({ actor }) => actor))])
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    field: row.field,
    of: row.subject,
    state: row.state,
    looked: row.looked,
    total: row.total,
    changed: row.changed,
    undone: row.undone,
    reason: row.reason,
    by: names.get(row.actor) ?? row.actor,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }))
}

interface New {
  id: string
  kind: Mending['kind']
  subject: Mending['subject']
  field: string
  companyId: number | null
  words: Words
  total: number
  reason: string
  scope: Scope
}

/** Told twice under one id it is the same one. */
async function begin(ctx: Ctx, made: New): Promise<boolean> {
  const sealed = ctx.vault.seal(ctx.vault.keys.staging, sealedPlace(made.id), made.words)
  const { rows } = await sql`
    insert into quality.mendings (id, kind, subject, field, company_id, sealed, state, total, reason, actor, actor_scope, created_at)
    values (${made.id}, ${made.kind}, ${made.subject}, ${made.field}, ${made.companyId}, ${sealed}, 'running', ${made.total}, ${made.reason},
      ${actorName(ctx.actor)}, ${JSON.stringify(made.scope)}::jsonb, ${ctx.now}) on conflict do nothing returning id`.execute(
    ctx.tx,
  )
  if (rows.length > 0) await addJob(ctx, mendingJob, { id: made.id }, { key: made.id })
  return rows.length > 0
}

/** Fields whose words the program itself reads when they come, so that records and orders never hold a spelling. */
const readOnEntry = new Set(['status', 'documentType'])

export async function applyDictionary(
  ctx: Ctx,
  { id, field, company }: { id: string; field: string; company: string | null },
): Promise<Mending> {
  const { companyId, mine, ...entry } = await fieldOf(ctx, { field, company })
  if (!mine) throw groupOnly(field)
  if (readOnEntry.has(field) || entry.kind !== 'choice') throw nothingToApply(field)
  const isOrders = field === 'product' || field === 'paymentMethod'
  await begin(ctx, {
    id,
    kind: 'map',
    subject: isOrders ? 'orders' : 'records',
    field,
    companyId,
    words: { described: entry, value: null, from: null },
    total: await roughlyRecords(ctx),
    reason: 'dictionary',
    scope: ctx.actor.scope,
  })
  return mendingOf(ctx, id)
}

/** At chosen members: those that somebody ticked, or all behind a number. */
export async function addMending(
  house: House,
  actor: Actor,
  {
    id,
    kind,
    field,
    value,
    from,
    memberIds,
    behind,
    reason,
  }: {
    id: string
    kind: Mending['kind']
    field: string
    value?: string | undefined
    from?: string | undefined
    memberIds?: string[] | undefined
    behind?: (Asked & { finding: string }) | undefined
    reason: string
  },
): Promise<Mending> {
  const isForMany = (settableFields as readonly string[]).includes(field) || field.startsWith('custom.')
  // What could not be read identifies nobody, so it can be cleared for many whatever field it was meant for.
  if (!isForMany && kind !== 'clear') throw fieldNotForMany(field)
  if ((kind !== 'clear' && value === undefined) || (kind === 'map' && from === undefined)) throw valueNeeded(kind)
  if (!memberIds && !behind) throw nobodyChosen()
  const persons = memberIds ?? (await behindNumber(house, actor, behind!))
  if (persons.length > chosenAtMost) throw tooManyChosen(chosenAtMost)
  return inTx(house.db, actor, async (ctx) => {
    const fresh = await begin(ctx, {
      id,
      kind,
      subject: 'records',
      field,
      companyId: null,
      words: { described: null, value: value ?? null, from: from ?? null },
      total: persons.length,
      reason,
      scope: ctx.actor.scope,
    })
    if (fresh) await choose(ctx, id, kind, persons)
    return mendingOf(ctx, id)
  })
}

async function behindNumber(
  house: House,
  actor: Actor,
  { finding, ...asked }: Asked & { finding: string },
): Promise<string[]> {
  const place = await inTx(house.db, actor, (ctx) => placeOf(ctx, asked))
  return personsBehind(house.warehouse, place, { finding, limit: chosenAtMost + 1 })
}

const choosingAtOnce = 5_000

/** The records that are meant: of whom a value is set the newest, where it survives; otherwise all that the actor sees. */
async function choose(ctx: Ctx, id: string, kind: Mending['kind'], persons: readonly string[]): Promise<void> {
  for (let at = 0; at < persons.length; at += choosingAtOnce) {
    const homesOf = await homesOfAll(ctx, persons.slice(at, at + choosingAtOnce))
    const seen = new Set(await seenHomes(ctx, [...new Set([...homesOf.values()].flat())]))
    const several = [...homesOf.values()].map((homes) => homes.filter((home) => seen.has(home)))
    const homes = kind === 'set' ? await newestOf(ctx, several) : several.flat()
    await sql`insert into quality.chosen (member_id, mending_id)
      select home, ${id} from unnest(${arrayOf('uuid', [...new Set(homes)])}) as home on conflict do nothing`.execute(
      ctx.tx,
    )
  }
  const { rows } = await sql<{ total: number }>`
    update quality.mendings set total = (select count(*) from quality.chosen where mending_id = ${id}) where id = ${id} returning total`.execute(
    ctx.tx,
  )
  // Whoever is not seen is as good as not there.
  if (rows[0]!.total === 0) throw nobodyChosen()
}

async function newestOf(ctx: Ctx, several: readonly string[][]): Promise<string[]> {
  const unsure = several.filter((homes) => homes.length > 1).flat()
  const records = await standingOf(ctx, unsure)
  const newest = [...Map.groupBy(records, ({ person }) => person).values()].map(
    (own) => own.reduce((a, b) => (b.seenAt > a.seenAt ? b : a)).home,
  )
  return [...several.filter((homes) => homes.length === 1).flat(), ...newest]
}

export async function stop(ctx: Ctx, id: string): Promise<Mending> {
  const { state } = await mendingOf(ctx, id, { lock: true })
  if (state !== 'running') throw mendingWrongState(id, state)
  await sql`update quality.mendings set state = 'stopped', finished_at = ${ctx.now} where id = ${id}`.execute(ctx.tx)
  return mendingOf(ctx, id)
}

export async function undo(ctx: Ctx, id: string): Promise<Mending> {
  const { state } = await mendingOf(ctx, id, { lock: true })
  if (state !== 'done' && state !== 'stopped') throw mendingWrongState(id, state)
  await sql`update quality.mendings set state = 'undoing', finished_at = null where id = ${id}`.execute(ctx.tx)
  await addJob(ctx, mendingJob, { id }, { key: id })
  return mendingOf(ctx, id)
}

/** After a start: what the last program left in the middle goes on. */
export async function goOn(house: House, actor: Actor): Promise<void> {
  await inTx(house.db, actor, async (ctx) => {
    const { rows } = await sql<{ id: string }>`
      select id from quality.mendings where state in ('running', 'undoing')`.execute(ctx.tx)
    for (const { id } of rows) await addJob(ctx, mendingJob, { id }, { key: id })
  })
}

/** The dictionary of each channel, for values that staff write. */
export async function describedByChannel(ctx: Ctx, channelIds: readonly number[]): Promise<Map<number, Described[]>> {
  const known = new Set((await channels(ctx)).map(({ id }) => id))
  const described = new Map<number, Described[]>()
  for (const id of new Set(channelIds)) if (known.has(id)) described.set(id, await describedFor(ctx, id))
  return described
}
