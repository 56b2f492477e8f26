/**
 * Consents: what each person said, by which text and with which evidence. Only appended. What is in force is worked out
 * by `standing.ts`; whoever sends, counts looks or hands data on asks `mayReach`, in the act that does so.
 */
import { sql } from 'kysely'
import { erasedAmong, keyOfHome } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { actorName, emit } from '#platform/events'
import { newId } from '#platform/ids'
import { arrayOf, type Columns, insertOf } from '#platform/rows'
import type { Language } from './contract.ts'
import './events.ts'
import { textChanged, topicUnknown } from './errors.ts'
import { type Said, type Standing, standingOf } from './standing.ts'
import { versionInForce } from './texts.ts'
import { type Topic, topicOf, topics } from './topics.ts'

export type Evidence = 'joining' | 'centre' | 'staff' | 'key' | 'import'

export interface Consent extends Said {
  channel: string
  purpose: string
  recipient: string
  textVersion: number | null
  language: Language | null
  evidence: Evidence
  /** Of what a file told: which import, and its row. */
  importId: string | null
  importRow: number | null
  actor: string
}

export interface Statement {
  topic: string
  given: boolean
  recipient?: string
  /** The version that was shown; refused when there is a newer one. Withdrawing needs none. */
  textVersion?: number | undefined
  language?: Language | undefined
}

/**
 * Keeps what a person said. `home`: by which record they said it; `homes`: all that are the person now. Withdrawing is
 * written under each of them.
 */
export async function sayConsents(
  ctx: Ctx,
  {
    home,
    homes,
    evidence,
    from,
    note,
  }: { home: string; homes: readonly string[]; evidence: Evidence; from?: string; note?: string },
  statements: readonly Statement[],
): Promise<void> {
  const sealing = from || note ? await keyOfHome(ctx, home) : null
  const covers = [...homes].sort()
  for (const { topic, given, recipient = '', textVersion, language } of statements) {
    const about = topicOf(topic)
    if (!about) throw topicUnknown(topic)
    if (given) {
      const version = await versionInForce(ctx, about.topic)
      if (textVersion !== version) throw textChanged(topic, version)
    }
    const rows = (given ? [home] : covers).map((memberId) => ({ memberId, id: newId() }))
    const columns: Columns<(typeof rows)[number]> = {
      member_id: ['uuid', (row) => row.memberId],
      id: ['uuid', (row) => row.id],
      channel: ['text', () => about.channel],
      purpose: ['text', () => about.purpose],
      recipient: ['text', () => recipient],
      given: ['boolean', () => given],
      covers: sql`${arrayOf('uuid', covers)}`,
      text_version: ['int', () => textVersion ?? null],
      language: ['text', () => language ?? null],
      evidence: ['text', () => evidence],
      said_by: ['uuid', () => home],
      sealed: ['bytea', (row) => (sealing ? ctx.vault.seal(sealing, `consent:${row.id}`, { from, note }) : null)],
      actor: ['text', () => actorName(ctx.actor)],
      said_at: ['timestamptz', () => ctx.now],
    }
    await insertOf('privacy.consents', columns, rows).execute(ctx.tx)
    await emit(ctx, {
      type: given ? 'consent.given' : 'consent.withdrawn',
      memberId: home,
      payload: { channel: about.channel, purpose: about.purpose, recipient, version: textVersion ?? null },
    })
  }
}

/** Everything that was said by these homes, newest first. */
export async function historyOf(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<Consent[]> {
  const { rows } = await sql<Consent>`
    select member_id as home, id, channel, purpose, recipient, given, covers::text[] as covers, text_version as "textVersion", language, evidence, actor,
      import_id as "importId", import_row as "importRow", said_at as at
    from privacy.consents where member_id = any(${arrayOf('uuid', homes)}) and taken_back_at is null order by said_at desc, id desc`.execute(
    ctx.tx,
  )
  return rows
}

export interface InForce {
  topic: Topic
  channel: string
  purpose: string
  standing: Standing<Consent>
}

/** What is in force of each topic for the person of these homes. */
export async function consentsOf(ctx: Pick<Ctx, 'tx'>, homes: readonly string[]): Promise<InForce[]> {
  const history = await historyOf(ctx, homes)
  return topics.map(({ topic, channel, purpose }) => ({
    topic,
    channel,
    purpose,
    standing: standingOf(
      history.filter((one) => one.channel === channel && one.purpose === purpose && one.recipient === ''),
    ),
  }))
}

export interface Reaching {
  channel: string
  /** `service`: what a contract needs (codes, trips); it asks no consent. */
  purpose: 'service' | 'marketing' | 'analytics' | 'sharing'
  recipient?: string
}

/**
 * Whether the person of these homes may be reached by a channel for a purpose, now. Whoever sends asks in the act that
 * claims the message, so that what was withdrawn a moment ago holds for what is on its way. Nobody who was erased is
 * reached, for nothing.
 */
export async function mayReach(ctx: Pick<Ctx, 'tx'>, homes: readonly string[], reaching: Reaching): Promise<boolean> {
  return (await reachable(ctx, [homes], reaching))[0]!
}

/** The same for many persons at once, each by their homes, in their order. */
export async function reachable(
  ctx: Pick<Ctx, 'tx'>,
  persons: readonly (readonly string[])[],
  { channel, purpose, recipient }: Reaching,
): Promise<boolean[]> {
  const all = persons.flat()
  const erased = await erasedAmong(ctx, all)
  if (purpose === 'service') return persons.map((homes) => homes.length > 0 && !homes.some((home) => erased.has(home)))
  const { rows } = await sql<Said & { recipient: string }>`
    select member_id as home, id, given, covers::text[] as covers, said_at as at, recipient from privacy.consents
    where member_id = any(${arrayOf('uuid', all)}) and channel = ${channel} and purpose = ${purpose} and taken_back_at is null`.execute(
    ctx.tx,
  )
  const byHome = Map.groupBy(rows, ({ home }) => home)
  return persons.map((homes) => {
    const said = homes.flatMap((home) => byHome.get(home) ?? [])
    const state = (to: string) => standingOf(said.filter((one) => one.recipient === to)).state
    if (homes.some((home) => erased.has(home))) return false
    if (recipient === undefined) return state('') === 'given'
    // What was said of one recipient goes before what was said of all.
    return state(recipient) === 'unsaid' ? state('') === 'given' : state(recipient) === 'given'
  })
}
