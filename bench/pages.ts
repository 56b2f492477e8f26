/**
 * The pages that staff open first, asked over HTTP by an API key: Today, and the member list as it comes, on its
 * second page, searched and filtered, at growing sizes. The floor of each is the plainest SQL that reads the same rows
 * in the same run: on one connection to PostgreSQL, and where the page asks the warehouse, there too.
 *
 * `npm run bench -- pages [--members 10000,100000,1000000] [--requests 200] [--keep FOLDER]`
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { type Channel, openChannel } from '#modules/channels'
import { howManyPersons, type PreparedRecord, prepareRecord, putRecords } from '#modules/members'
import { orderContentHash, orderKey, putOrders } from '#modules/orders'
import { openingBalances } from '#modules/points'
import { inBulk } from '#platform/bulk'
import { systemActor as actor, type Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import { readSettings } from '#platform/settings'
import { rebuildWarehouse } from '#platform/warehouse-feed'
import { facts } from '../server/app/modules.ts'
import { course, families, given } from '../server/app/seed.ts'
import { buildServer } from '../server/app/server.ts'
import { addKey } from '../server/modules/access/keys.ts'
import { countToday } from '../server/modules/desk/today.ts'
import { bench, type Ground, note, onGround, percentile } from './ground.ts'

const chunk = 4_000
const warmUps = 20
const dayMilliseconds = 86_400_000
/** Over which they came, evenly. */
const days = 1_000
const stores = 20
/** Of each hundred: how many a second channel knows too, and how many have points that lapse soon. */
const [alsoOnline, lapsing] = [10, 2]

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      members: { type: 'string', default: '10000,100000,1000000' },
      requests: { type: 'string', default: '200' },
      keep: { type: 'string' },
    },
  })
  for (const members of values.members.split(',').map(Number)) {
    const folder = values.keep === undefined ? undefined : join(values.keep, String(members))
    await onGround(async (ground) => {
      // What is measured here is asked of a program at rest.
      await ground.house.reactions.stop()
      await settle(ground, members)
      await ask(ground, members, Number(values.requests))
    }, folder)
  }
}

/**
 * Each has a name, a phone and a city; every other one an order. The first store knows only the oldest members: a list
 * of the newest that walks until it finds some of these reads everybody.
 */
async function settle({ house }: Ground, members: number): Promise<void> {
  const { persons } = await inTx(house.db, actor, (ctx) => howManyPersons(ctx))
  if (persons > 0) return
  const started = performance.now()
  const opened = await inTx(house.db, actor, async (ctx) => {
    const all: Channel[] = []
    for (let store = 0; store < stores; store++)
      all.push(await openChannel(ctx, { code: `store-${store}`, kind: 'store' }))
    return { stores: all, online: await openChannel(ctx, { code: 'online', kind: 'website' }) }
  })
  const oldest = members / 100
  const dice = course(1)
  const pick = <T>(from: readonly T[]) => from[Math.floor(dice() * from.length)]!
  await inBulk(async () => {
    for (let from = 0; from < members; from += chunk) {
      const numbers = Array.from({ length: Math.min(chunk, members - from) }, (_, index) => from + index)
      const store = from < oldest ? opened.stores[0]! : opened.stores[1 + ((from / chunk) % (stores - 1))]!
      const people = numbers.map((n) => ({
        n,
        name: pick(families) + pick(given) + pick(given),
        phone: `+8613${String((n * 7919 + 100_003) % 1_000_000_000).padStart(9, '0')}`,
        seenAt: new Date(Date.now() - ((members - n) / members) * days * dayMilliseconds),
      }))
      const record = (ctx: Ctx, channel: Channel, { n, name, phone, seenAt }: (typeof people)[number]) =>
        ({
          ...prepareRecord(ctx.vault, channel, {
            externalId: `C${n}`,
            name,
            familyName: name.slice(0, 1),
            givenName: name.slice(1),
            phone,
            city: '成都',
          }),
          seenAt,
        }) satisfies PreparedRecord
      await inTx(house.db, actor, async (ctx) => {
        const put = (channel: Channel, some: typeof people) =>
          putRecords(
            ctx,
            some.map((one) => record(ctx, channel, one)),
            { channel, origin: 'import' },
          )
        const puts = await put(store, people)
        await put(
          opened.online,
          people.filter(({ n }) => n % 100 < alsoOnline),
        )
        await putOrders(
          ctx,
          people.flatMap(({ n, seenAt }, index) => {
            if (n % 2) return []
            const number = `N${n}`
            const of = {
              number,
              orderedAt: seenAt,
              currency: 'CNY',
              status: 'paid' as const,
              paymentMethod: 'wechat',
              lines: [{ product: '川西环线 5 日', quantity: 2, amountMinor: 976_000 }],
            }
            const key = orderKey(ctx.vault, store, { number, content: '', ordinal: 0 })
            return {
              ...of,
              key,
              contentHash: orderContentHash(ctx.vault, of),
              memberId: puts[index]!.memberId,
            }
          }),
          { channel: store, origin: 'import' },
        )
        await openingBalances(
          ctx,
          people.flatMap(({ n }, index) =>
            n % 100 < lapsing
              ? {
                  memberId: puts[index]!.memberId,
                  source: `opening:${n}`,
                  points: 500,
                  expiresAt: new Date(ctx.now.getTime() + 20 * dayMilliseconds),
                }
              : [],
          ),
        )
      })
    }
  })
  await house.db.pool.query('vacuum analyze')
  const laid = performance.now()
  await rebuildWarehouse(house, facts)
  const seconds = (from: number, to: number) => Math.round((to - from) / 1000)
  note(
    `${members} members laid in ${seconds(started, laid)} s, the warehouse built in ${seconds(laid, performance.now())} s`,
  )
}

type Sql = readonly [statement: string, ...values: unknown[]]

async function ask({ house }: Ground, members: number, requests: number): Promise<void> {
  const server = await buildServer(house, { via: 'port' })
  const address = await server.listen({ port: 0, host: '127.0.0.1' })
  const { key } = await inTx(house.db, actor, (ctx) =>
    addKey(ctx, { name: 'bench', role: 'auditor', place: { kind: 'group' }, expiresAt: null }),
  )
  const get = async (path: string) => {
    const reply = await fetch(`${address}/api${path}`, { headers: { authorization: `Bearer ${key}` } })
    const text = await reply.text()
    if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${text}`)
    return JSON.parse(text) as { next?: string; members?: { name: string; id: string; channels: string[] }[] }
  }
  const plain = async (statements: readonly Sql[]) => {
    for (const [statement, ...values] of statements) await house.db.pool.query(statement, values)
  }
  const timesOf = async (act: (time: number) => Promise<unknown>, often = requests) => {
    const times: number[] = []
    for (let time = -warmUps; time < often; time++) {
      const started = performance.now()
      await act(time)
      if (time >= 0) times.push(performance.now() - started)
    }
    return times
  }
  const measure = async (name: string, path: (time: number) => string, floor: (time: number) => Promise<unknown>) => {
    const times = await timesOf((time) => get(path(time)))
    const floors = await timesOf(floor)
    bench(`pages-${name}-p95-${members}`, percentile(times, 0.95), 'ms', percentile(floors, 0.95))
    note(
      `${members} members: ${name} p50 ${percentile(times, 0.5).toFixed(1)} ms over ${requests} requests, floor ${percentile(floors, 0.5).toFixed(1)} ms`,
    )
  }

  // What a row of the list shows stands in these, read by the ids of the page.
  const rowsOf = (ids: readonly string[]): Sql[] => [
    [
      'select h.*, r.*, p.* from members.homes h join members.records r using (member_id) join members.profiles p using (member_id) where h.person_id = any($1)',
      ids,
    ],
    ['select * from orders.orders where member_id = any($1)', ids],
    ['select * from points.lots where member_id = any($1)', ids],
  ]
  const newest = 'select member_id from members.homes where member_id = person_id'
  const pageOf = async (statement: string, ...values: unknown[]) => {
    const { rows } = await house.db.pool.query<{ member_id: string }>(statement, values)
    await plain(rowsOf(rows.map(({ member_id }) => member_id)))
  }
  const first = await get('/members?limit=100')
  const names = [...new Set(first.members!.map(({ name }) => name.slice(0, 2)))]
  const phones = (time: number) =>
    String((((time * 104_729) % members) + members) % members)
      .padStart(4, '0')
      .slice(-4)
  const since = new Date(Date.now() - 14 * dayMilliseconds).toISOString().slice(0, 19)
  const fromWarehouse = (query: string) => house.warehouse.query(query, { since })

  const settings = await inTx(house.db, actor, (ctx) => readSettings(ctx))
  const anew = await timesOf(
    () => countToday({ warehouse: house.warehouse, facts: 'facts', events: 'events' }, new Date(), settings),
    20,
  )
  note(
    `${members} members: the numbers of Today, which are kept for 15 s, counted anew p50 ${percentile(anew, 0.5).toFixed(1)} ms, p95 ${percentile(anew, 0.95).toFixed(1)} ms`,
  )
  await measure(
    'today',
    () => '/today',
    async () => {
      await plain([['select * from members.reviews where closed_at is null order by found_at desc limit 1000']])
      await fromWarehouse(
        `select type, count() from events where type in ('order.paid', 'order.refunded', 'points.awarded', 'points.opened')
           and event_at >= toDateTime64({since:String}, 3, 'UTC') group by type`,
      )
      await fromWarehouse(
        `select countIf(members_created_at >= toDateTime64({since:String}, 3, 'UTC')), countIf(points_next_expiry_at > now()), countIf(orders_first_at > now()) from facts`,
      )
    },
  )
  await measure(
    'list',
    () => '/members?limit=100',
    () => pageOf(`${newest} order by member_id desc limit 100`),
  )
  await measure(
    'list-next',
    () => `/members?limit=100&after=${first.next}`,
    () => pageOf(`${newest} and member_id < $1 order by member_id desc limit 100`, first.next),
  )
  await measure(
    'search-name',
    (time) => `/members?limit=100&search=${encodeURIComponent(names[(time + warmUps) % names.length]!)}`,
    (time) =>
      pageOf(
        'select member_id from members.profiles where name like $1 limit 100',
        `${names[(time + warmUps) % names.length]!}%`,
      ),
  )
  await measure(
    'search-last-four',
    (time) => `/members?limit=100&search=${phones(time)}`,
    (time) =>
      pageOf(
        'select member_id from members.identities where last_four = (select last_four from members.identities where kind = $1 offset $2 limit 1) limit 100',
        'phone',
        (time + warmUps) % 100,
      ),
  )
  for (const channel of ['store-1', 'store-0', 'online']) {
    await measure(
      `channel-${channel}`,
      () => `/members?limit=100&channel=${channel}`,
      () =>
        pageOf(
          'select member_id from members.records where channel_id = (select id from channels.channels where code = $1) order by member_id desc limit 100',
          channel,
        ),
    )
  }
  const shown = {
    new: "members_created_at >= toDateTime64({since:String}, 3, 'UTC')",
    paid: "orders_last_at >= toDateTime64({since:String}, 3, 'UTC')",
    lapsing: 'points_next_expiry_at > now()',
  }
  for (const [show, where] of Object.entries(shown)) {
    await measure(
      `show-${show}`,
      () => `/members?limit=100&show=${show}`,
      async () => {
        const rows = await house.warehouse.query<{ id: string }>(
          `select toString(member_id) as id from facts where ${where} order by id desc limit 100`,
          { since },
        )
        await plain(rowsOf(rows.map(({ id }) => id)))
      },
    )
  }
  await server.close()
}
