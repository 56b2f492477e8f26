/**
 * To whom data is given (PRODUCT E3). A connector asks for its recipient before anything leaves: without one on file,
 * with country, purpose, basis and an agreement that holds, it refuses. What was given of whom is noted as kinds of data,
 * so that the member can read it.
 */
import { sql } from 'kysely'
import { dayOf } from '#platform/clock'
import type { Ctx } from '#platform/ctx'
import { actorName } from '#platform/events'
import { arrayOf, type Columns, insertOf } from '#platform/rows'
import { readSettings } from '#platform/settings'
import type { bases, given, purposes, transfers, uses } from './contract.ts'
import { agreementOver, notForThis, recipientEnded, recipientUnknown, transferNeeded } from './errors.ts'

export type Use = (typeof uses)[number]
export type Given = (typeof given)[number]

export interface Recipient {
  id: string
  name: string
  /** Two letters. */
  country: string
  purpose: (typeof purposes)[number]
  details: string
  basis: (typeof bases)[number]
  uses: Use[]
  agreement: string
  /** Its last day; null: until it is ended. */
  agreementUntil: string | null
  transfer: (typeof transfers)[number] | null
  endedAt: Date | null
}

const columns = sql`id, name, country, purpose, details, basis, uses, agreement, agreement_until::text as "agreementUntil",
  transfer, ended_at as "endedAt"`

export async function recipients(ctx: Pick<Ctx, 'tx'>): Promise<Recipient[]> {
  const { rows } =
    await sql<Recipient>`select ${columns} from privacy.recipients order by ended_at is not null, name, id`.execute(
      ctx.tx,
    )
  return rows
}

/** Whether the paper still holds, and how long: `over`, `soon` within 30 days. */
export function agreementState(
  { agreementUntil, endedAt }: Recipient,
  today: string,
): 'ended' | 'over' | 'soon' | 'holds' {
  if (endedAt) return 'ended'
  if (agreementUntil === null) return 'holds'
  const days = (Date.parse(agreementUntil) - Date.parse(today)) / 86_400_000
  return days < 0 ? 'over' : days < 30 ? 'soon' : 'holds'
}

export async function today(ctx: Pick<Ctx, 'tx' | 'now'>): Promise<string> {
  return dayOf(ctx.now, (await readSettings(ctx)).timeZone)
}

/** Puts one on file, or what has changed about it. Abroad it needs what the transfer stands on. */
export async function putRecipient(ctx: Ctx, recipient: Omit<Recipient, 'endedAt'>): Promise<void> {
  const { id, name, country, purpose, details, basis, uses: used, agreement, agreementUntil, transfer } = recipient
  if (transfer === null && country !== (await readSettings(ctx)).country) throw transferNeeded(country)
  const { numAffectedRows } = await sql`insert into privacy.recipients
      (id, name, country, purpose, details, basis, uses, agreement, agreement_until, transfer, changed_at, actor)
    values (${id}, ${name}, ${country}, ${purpose}, ${details}, ${basis}, ${arrayOf('text', used)}, ${agreement},
      ${agreementUntil}::date, ${transfer}, ${ctx.now}, ${actorName(ctx.actor)})
    on conflict (id) do update set name = excluded.name, country = excluded.country, purpose = excluded.purpose,
      details = excluded.details, basis = excluded.basis, uses = excluded.uses, agreement = excluded.agreement,
      agreement_until = excluded.agreement_until, transfer = excluded.transfer, changed_at = excluded.changed_at, actor = excluded.actor
      where recipients.ended_at is null`.execute(ctx.tx)
  if (!numAffectedRows) throw recipientEnded(name)
}

/** Nothing is given to it from now on; of whom it was told stays on file. */
export async function endRecipient(ctx: Ctx, id: string): Promise<void> {
  const { numAffectedRows } =
    await sql`update privacy.recipients set ended_at = ${ctx.now}, actor = ${actorName(ctx.actor)}
    where id = ${id} and ended_at is null`.execute(ctx.tx)
  if (!numAffectedRows) throw recipientUnknown(id)
}

/** The gate: the recipient that a connector names, or the refusal that says what is missing on file. */
export async function recipientFor(ctx: Pick<Ctx, 'tx' | 'now'>, use: Use, id: string): Promise<Recipient> {
  const { rows } = await sql<Recipient>`select ${columns} from privacy.recipients where id = ${id}`.execute(ctx.tx)
  const [recipient] = rows
  if (!recipient) throw recipientUnknown(id)
  const state = agreementState(recipient, await today(ctx))
  if (state === 'ended') throw recipientEnded(recipient.name)
  if (state === 'over') throw agreementOver(recipient.name, recipient.agreementUntil!)
  if (!recipient.uses.includes(use)) throw notForThis(recipient.name, use)
  return recipient
}

/** For a connector of which there is one only: the recipient on file for it; null where there is none in force. */
export async function recipientOf(ctx: Pick<Ctx, 'tx' | 'now'>, use: Use): Promise<Recipient | null> {
  const day = await today(ctx)
  const all = await recipients(ctx)
  return all.find((one) => one.uses.includes(use) && ['holds', 'soon'].includes(agreementState(one, day))) ?? null
}

/** Those on file for a connector, for choosing one, and the names of all. */
export async function recipientsFor(ctx: Pick<Ctx, 'tx' | 'now'>, use: Use) {
  const day = await today(ctx)
  const everybody = await recipients(ctx)
  const fitting = everybody.filter(
    (one) => one.uses.includes(use) && ['holds', 'soon'].includes(agreementState(one, day)),
  )
  return {
    all: fitting.map(({ id, name }) => ({ id, name })),
    named: new Map(everybody.map(({ id, name }) => [id, name])),
  }
}

/** Notes that a recipient was told of these homes, in the act that notes that it was. */
export async function noteGiven(
  ctx: Ctx,
  recipientId: string,
  told: readonly { memberId: string; what: Given }[],
): Promise<void> {
  const byKey = Map.groupBy(told, ({ memberId, what }) => `${memberId} ${what}`)
  const rows = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, same]) => ({ ...same[0]!, times: same.length }))
  if (rows.length === 0) return
  const columnsOf: Columns<(typeof rows)[number]> = {
    member_id: ['uuid', ({ memberId }) => memberId],
    recipient_id: sql`${recipientId}::uuid`,
    what: ['text', ({ what }) => what],
    first_at: ['timestamptz', () => ctx.now],
    last_at: ['timestamptz', () => ctx.now],
    times: ['bigint', ({ times }) => times],
  }
  await sql`${insertOf('privacy.disclosures', columnsOf, rows)} on conflict (member_id, recipient_id, what) do update
    set last_at = excluded.last_at, times = disclosures.times + excluded.times`.execute(ctx.tx)
}

/** Those of these homes of whom a recipient was told. */
export async function givenTo(
  ctx: Pick<Ctx, 'tx'>,
  recipientId: string,
  homes: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ home: string }>`select distinct member_id as home from privacy.disclosures
    where member_id = any(${arrayOf('uuid', homes)}) and recipient_id = ${recipientId}`.execute(ctx.tx)
  return new Set(rows.map(({ home }) => home))
}

export interface Received extends Pick<Recipient, 'name' | 'country' | 'purpose' | 'details' | 'basis'> {
  recipientId: string
  what: Given[]
  firstAt: Date
  lastAt: Date
}

/** Who was told of the person of these homes, the latest first. */
export async function receivedBy(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Received[]> {
  const { rows } = await sql<Received>`
    select r.id as "recipientId", r.name, r.country, r.purpose, r.details, r.basis,
      array_agg(distinct d.what order by d.what) as what, min(d.first_at) as "firstAt", max(d.last_at) as "lastAt"
    from privacy.disclosures d join privacy.recipients r on r.id = d.recipient_id
    where d.member_id = any(${arrayOf('uuid', homes)}) group by r.id order by max(d.last_at) desc, r.id`.execute(ctx.tx)
  return rows
}
