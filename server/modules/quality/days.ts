/** How good the pool was on each day, for every place: counted at night and kept in a row of PostgreSQL each. */
import { sql } from 'kysely'
import { channels } from '#modules/channels'
import { channelsOfCompanies, companies } from '#modules/organisation'
import { dayOf } from '#platform/clock'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { addJob, type Job } from '#platform/jobs'
import { type Columns, insertOf } from '#platform/rows'
import { readSettings } from '#platform/settings'
import { type Figures, figuresBy, figuresOf } from './counting.ts'
import type { Place } from './places.ts'

const keptDays = 400
const rowsAtOnce = 2_000

/** Writes the rows of today; told twice on one day, the later figures stand. */
export async function keepDay(house: Pick<House, 'db' | 'warehouse'>): Promise<void> {
  await keep(house, 0)
}

/**
 * Of a day before today as well: whoever was there by then, with what is known of them now. Only for what was invented;
 * of real days nobody knows any more.
 */
async function keep(house: Pick<House, 'db' | 'warehouse'>, daysAgo: number): Promise<void> {
  const { day, until, companyOf } = await inTx(house.db, systemActor, async (ctx) => {
    const until = new Date(ctx.now.getTime() - daysAgo * 86_400_000)
    return {
      until,
      day: dayOf(until, (await readSettings(ctx)).timeZone),
      companyOf: await companyOfChannels(ctx),
    }
  })
  const everybody =
    daysAgo === 0
      ? { facts: 'facts', params: {} }
      : {
          facts:
            "(select * from facts where members_created_at <= parseDateTime64BestEffort({until:String}, 3, 'UTC'))",
          params: { until: until.toISOString() },
        }
  const group = await figuresOf(house.warehouse, everybody)
  // One after the other: each reads all facts, and others want to read too.
  const byChannel = await figuresBy(house.warehouse, everybody, 'channel')
  const byCompany = await figuresBy(house.warehouse, everybody, { companyOf })
  const byStaff = await figuresBy(house.warehouse, everybody, 'staff')
  byCompany.delete('0')
  const rows = [
    { place: 'group', ...group },
    ...[...byChannel].map(([id, figures]) => ({ place: `channel:${id}`, ...figures })),
    ...[...byCompany].map(([id, figures]) => ({ place: `company:${id}`, ...figures })),
    ...[...byStaff].map(([id, figures]) => ({ place: `staff:${id}`, ...figures })),
  ]
  for (let at = 0; at < rows.length; at += rowsAtOnce)
    await inTx(house.db, systemActor, (ctx) => write(ctx, day, rows.slice(at, at + rowsAtOnce)))
  await inTx(house.db, systemActor, (ctx) =>
    sql`delete from quality.days where day < ${ctx.now}::date - ${sql.lit(keptDays)}`.execute(ctx.tx),
  )
}

/** Rows of one day, in place of those that stand. */
export async function write(
  ctx: Pick<Ctx, 'tx'>,
  day: string,
  rows: readonly (Figures & { place: string })[],
): Promise<void> {
  const columns: Columns<Figures & { place: string }> = {
    place: ['text', ({ place }) => place],
    day: ['date', () => day],
    figures: ['jsonb', ({ members, filled, wrong }) => JSON.stringify({ members, filled, wrong })],
  }
  await sql`${insertOf('quality.days', columns, rows)}
    on conflict (place, day) do update set figures = excluded.figures`.execute(ctx.tx)
}

export const keepingDays: Job = {
  name: 'quality.day',
  cron: '50 18 * * *',
  run: async (house, payload) => {
    const { daysBack = 0 } = (payload ?? {}) as { daysBack?: number }
    for (let daysAgo = daysBack; daysAgo > 0; daysAgo--) {
      house.stopping.throwIfAborted()
      await keep(house, daysAgo)
    }
    await keepDay(house)
  },
}

/** Today, and so many days before it. */
export const askForDays = (ctx: Ctx, daysBack: number) => addJob(ctx, keepingDays.name, { daysBack }, { key: 'back' })

export async function companyOfChannels(ctx: Pick<Ctx, 'tx'>): Promise<Map<number, number>> {
  const under = await channelsOfCompanies(
    ctx,
    (await companies(ctx)).map(({ id }) => id),
  )
  return new Map([...under].flatMap(([company, ids]) => ids.map((id) => [id, company] as const)))
}

/** The days of a place; where nobody keeps them, of the channels that make it, added up. */
export async function daysOf(
  ctx: Ctx,
  { name, channelIds }: Place,
  days: number,
): Promise<{ exact: boolean; days: ({ day: string } & Figures)[] }> {
  const all = channelIds ?? (await channels(ctx)).map(({ id }) => id)
  const places = name === null ? all.map((id) => `channel:${id}`) : [name]
  const { rows } = await sql<{ day: string; figures: Figures }>`
    select day::text as day, figures from quality.days where place = any(${places}::text[])
      and day > ${ctx.now}::date - ${days}::int order by day`.execute(ctx.tx)
  const sum = (a: Record<string, number>, b: Record<string, number>) => {
    const both = { ...a }
    for (const [key, count] of Object.entries(b)) both[key] = (both[key] ?? 0) + count
    return both
  }
  return {
    exact: name !== null,
    days: [...Map.groupBy(rows, ({ day }) => day)].map(([day, own]) => ({
      day,
      ...own
        .map(({ figures }) => figures)
        .reduce((a, b) => ({
          members: a.members + b.members,
          filled: sum(a.filled, b.filled),
          wrong: sum(a.wrong, b.wrong),
        })),
    })),
  }
}
