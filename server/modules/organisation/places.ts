/** Which channels lie under a company: its stores, and other channels that were put there. Scopes are made of these. */
import { sql } from 'kysely'
import { channelOf } from '#modules/channels'
import type { Ctx } from '#platform/ctx'
import type { Reading } from '#platform/db'
import { companyUnknown } from './errors.ts'

export interface Company {
  id: number
  code: string
  name: string
}

export async function companies(ctx: Pick<Ctx, 'tx'>): Promise<Company[]> {
  const { rows } = await sql<Company>`select id, code, name from organisation.companies order by code`.execute(ctx.tx)
  return rows
}

export async function channelsOfCompanies(ctx: Reading, companyIds: readonly number[]): Promise<Map<number, number[]>> {
  if (companyIds.length === 0) return new Map()
  const { rows } = await sql<{ company: number; channels: number[] }>`
    select company_id as company, array_agg(channel_id order by channel_id) as channels from (
      select company_id, channel_id from organisation.stores union all select company_id, channel_id from organisation.company_channels
    ) as under where company_id = any(${companyIds}::int[]) group by company_id`.execute(ctx.tx)
  return new Map(rows.map(({ company, channels }) => [company, channels]))
}

/** Puts a channel that is no store (a website, an account) under a company; null takes it out. */
export async function placeChannel(
  ctx: Ctx,
  { code, company }: { code: string; company: string | null },
): Promise<void> {
  const channel = await channelOf(ctx, code)
  if (company === null) {
    await sql`delete from organisation.company_channels where channel_id = ${channel.id}`.execute(ctx.tx)
    return
  }
  const found = (await companies(ctx)).find((one) => one.code === company)
  if (!found) throw companyUnknown(company)
  await sql`insert into organisation.company_channels (channel_id, company_id) values (${channel.id}, ${found.id})
    on conflict (channel_id) do update set company_id = excluded.company_id`.execute(ctx.tx)
}
