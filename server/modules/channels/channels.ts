/**
 * Channels: where people and orders come from. Few and shared by everyone, so they are read whole.
 */
import { sql } from 'kysely'
import { type Ctx, seesChannel } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import { channelKindNeeded, channelUnknown } from './errors.ts'

export type ChannelKind = 'store' | 'website' | 'ota' | 'erp' | 'account' | 'partner'

export interface Channel {
  id: number
  code: string
  kind: ChannelKind
  name: string
  /** Phones and e-mail that come by it join records without having been verified (PRODUCT A2). */
  trustsPhones: boolean
}

/**
 * Kinds whose contact details the group trusts by default: its own people or its own sign-up asked for them. OTAs give
 * relay numbers and masked addresses, partners give what they were told.
 */
const trusted: Record<ChannelKind, boolean> = {
  store: true,
  website: true,
  erp: true,
  account: true,
  ota: false,
  partner: false,
}

const columns = sql`id, code, kind, name, trusts_phones as "trustsPhones"`

export async function channels(ctx: Pick<Ctx, 'tx'>): Promise<Channel[]> {
  const { rows } = await sql<Channel>`select ${columns} from channels.channels order by code`.execute(ctx.tx)
  return rows
}

/** Those that the actor sees. */
export async function channelsInScope(ctx: Pick<Ctx, 'tx' | 'actor'>): Promise<Channel[]> {
  return (await channels(ctx)).filter(({ id }) => seesChannel(ctx.actor.scope, id))
}

/** Finds a channel by its code, or refuses and says how to open one. One out of scope is as unknown as any. */
export async function channelOf(ctx: Pick<Ctx, 'tx' | 'actor'>, code: string): Promise<Channel> {
  const { rows } = await sql<Channel>`select ${columns} from channels.channels where code = ${code}`.execute(ctx.tx)
  if (!rows[0] || !reaches(ctx.actor, rows[0].id)) throw channelUnknown(code)
  return rows[0]
}

/** Members reach a channel through the member centre only, which knows which one that is. */
const reaches = ({ scope }: Ctx['actor'], channelId: number) =>
  scope === 'group' || 'memberIds' in scope || seesChannel(scope, channelId)

/** Opens a channel; told twice it is the same one. A code that stands for another kind is refused. */
export async function openChannel(
  ctx: Ctx,
  { code, kind, name }: { code: string; kind: ChannelKind; name?: string | undefined },
): Promise<Channel> {
  await openChannels(ctx, [{ code, kind, name: name ?? code }])
  return channelOf(ctx, code)
}

/** Opens those that are not there yet; the others keep their names. A code that stands for another kind is refused. */
export async function openChannels(
  ctx: Ctx,
  wanted: readonly { code: string; kind: ChannelKind; name: string }[],
): Promise<void> {
  await sql`insert into channels.channels (code, kind, name, trusts_phones, created_at)
    select code, kind, name, trusts, ${ctx.now} from unnest(${arrayOf(
      'text',
      wanted.map(({ code }) => code),
    )}, ${arrayOf(
      'text',
      wanted.map(({ kind }) => kind),
    )}, ${arrayOf(
      'text',
      wanted.map(({ name }) => name),
    )}, ${arrayOf(
      'boolean',
      wanted.map(({ kind }) => trusted[kind]),
    )}) as u(code, kind, name, trusts) on conflict (code) do nothing`.execute(ctx.tx)
  const kinds = new Map((await channels(ctx)).map(({ code, kind }) => [code, kind]))
  for (const { code, kind } of wanted) {
    const found = kinds.get(code)!
    if (found !== kind) throw channelKindNeeded(code, found, kind)
  }
}

/** Gives channels that are there another name. */
export async function renameChannels(ctx: Ctx, names: readonly { code: string; name: string }[]): Promise<void> {
  await sql`update channels.channels c set name = u.name from unnest(${arrayOf(
    'text',
    names.map(({ code }) => code),
  )}, ${arrayOf(
    'text',
    names.map(({ name }) => name),
  )}) as u(code, name) where c.code = u.code and c.name <> u.name`.execute(ctx.tx)
}

/** Forgets channels by which nothing has come, or all of it is gone: whoever calls knows that it is so. */
export async function forgetChannels(ctx: Ctx, codes: readonly string[]): Promise<void> {
  await sql`delete from channels.channels where code = any(${arrayOf('text', codes)})`.execute(ctx.tx)
}
