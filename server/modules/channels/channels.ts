/**
 * Channels: where people and orders come from. Few and shared by everyone, so they are read whole.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
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

/** Finds a channel by its code, or refuses and says how to open one. */
export async function channelOf(ctx: Pick<Ctx, 'tx'>, code: string): Promise<Channel> {
  const { rows } = await sql<Channel>`select ${columns} from channels.channels where code = ${code}`.execute(ctx.tx)
  if (!rows[0]) throw channelUnknown(code)
  return rows[0]
}

/** Opens a channel; told twice it is the same one. A code that stands for another kind is refused. */
export async function openChannel(
  ctx: Ctx,
  { code, kind, name }: { code: string; kind: ChannelKind; name?: string | undefined },
): Promise<Channel> {
  await sql`insert into channels.channels (code, kind, name, trusts_phones, created_at)
    values (${code}, ${kind}, ${name ?? code}, ${trusted[kind]}, ${ctx.now}) on conflict (code) do nothing`.execute(
    ctx.tx,
  )
  const channel = await channelOf(ctx, code)
  if (channel.kind !== kind) throw channelKindNeeded(code, channel.kind, kind)
  return channel
}
