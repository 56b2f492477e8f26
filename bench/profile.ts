/**
 * The member page as one request, and joins of members that exist, at growing sizes. The page's floor is the same six
 * reads as plain SQL on one connection; the joins' floor is one plain statement a chunk that writes the same rows.
 *
 * `npm run bench -- profile [--members 10000,100000,1000000]`
 */
import { parseArgs } from 'node:util'
import { openChannel } from '#modules/channels'
import { joinMany, prepareRecord, putRecords } from '#modules/members'
import { orderContentHash, orderKey, putOrders } from '#modules/orders'
import { systemActor as actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { newId } from '#platform/ids'
import { buildServer } from '../server/app/server.ts'
import { bench, type Ground, note, onGround, percentile } from './ground.ts'

const chunk = 4_000
const requests = 1_000

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { members: { type: 'string', default: '10000,100000,1000000' } } })
  for (const members of values.members.split(',').map(Number)) {
    await onGround(async (ground) => {
      // What is measured here is asked of a program at rest.
      await ground.house.reactions.stop()
      const homes = await settle(ground, members)
      await ground.house.db.pool.query('vacuum analyze')
      await pages(ground, homes, members)
      await joins(ground, homes, members)
    })
  }
}

/** Members with a name, a phone, a birthday and two orders each. */
async function settle({ house }: Ground, members: number): Promise<string[]> {
  const homes: string[] = []
  const channel = await inTx(house.db, actor, (ctx) => openChannel(ctx, { code: 'store-a', kind: 'store' }))
  for (let from = 0; from < members; from += chunk) {
    const numbers = Array.from({ length: Math.min(chunk, members - from) }, (_, index) => from + index)
    await inTx(house.db, actor, async (ctx) => {
      const prepared = numbers.map((n) =>
        prepareRecord(ctx.vault, channel, {
          externalId: `C${n}`,
          name: '林晚晴',
          familyName: '林',
          givenName: '晚晴',
          phone: `+86138${String(n).padStart(8, '0')}`,
          birthDate: '1987-06-04',
          city: '成都',
        }),
      )
      const puts = await putRecords(ctx, prepared, { channel, origin: 'import' })
      homes.push(...puts.map(({ memberId }) => memberId))
      const orders = puts.flatMap(({ memberId }, index) =>
        [1, 2].map((number) => {
          const facts = {
            number: `${from + index}-${number}`,
            orderedAt: ctx.now,
            currency: 'CNY',
            status: 'paid' as const,
            paymentMethod: 'wechat',
            lines: [{ product: '川西环线 5 日', quantity: 2, amountMinor: 976_000 }],
          }
          return {
            ...facts,
            memberId,
            key: orderKey(ctx.vault, channel, { number: facts.number, content: '', ordinal: 0 }),
            contentHash: orderContentHash(ctx.vault, facts),
          }
        }),
      )
      await putOrders(ctx, orders, { channel, origin: 'import' })
    })
  }
  return homes
}

async function pages({ house }: Ground, homes: readonly string[], members: number): Promise<void> {
  const server = await buildServer(house, { via: 'socket' })
  const any = () => homes[Math.floor(Math.random() * homes.length)]!
  const times: number[] = []
  for (let request = -100; request < requests; request++) {
    const started = performance.now()
    const { statusCode } = await server.inject({ method: 'GET', url: `/api/members/${any()}` })
    if (statusCode !== 200) throw new Error(`The member page answered ${statusCode}`)
    if (request >= 0) times.push(performance.now() - started)
  }
  await server.close()
  const plain: number[] = []
  for (let request = -100; request < requests; request++) {
    const home = any()
    const started = performance.now()
    for (const statement of [
      'select * from members.homes where person_id = $1',
      'select r.*, h.wrapped_key from members.records r join members.homes h using (member_id) where r.member_id = $1',
      'select * from members.identities where member_id = $1',
      'select * from orders.orders where member_id = $1 order by ordered_at desc limit 20',
      'select * from points.lots where member_id = $1',
      'select * from platform.events where member_id = $1 order by event_at desc limit 50',
    ]) {
      await house.db.pool.query(statement, [home])
    }
    if (request >= 0) plain.push(performance.now() - started)
  }
  bench(`profile-p95-${members}`, percentile(times, 0.95), 'ms', percentile(plain, 0.95))
  note(
    `${members} members: page p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms over ${requests} requests`,
  )
}

/** 4 of 10 members are joined with another, as a match of pairs does. */
async function joins({ house }: Ground, homes: readonly string[], members: number): Promise<void> {
  const pairs = Array.from({ length: Math.floor(members * 0.4) }, (_, index) => ({
    a: homes[index * 2]!,
    b: homes[index * 2 + 1]!,
  }))
  const inChunks = async (work: (part: typeof pairs) => Promise<unknown>) => {
    const started = performance.now()
    for (let from = 0; from < pairs.length; from += chunk) await work(pairs.slice(from, from + chunk))
    return pairs.length / ((performance.now() - started) / 1000)
  }
  const rate = await inChunks((part) => inTx(house.db, actor, (ctx) => joinMany(ctx, part, 'bench')))
  // The same rows by hand: a decision, the person of one home, an event.
  await house.db.pool.query(
    'create table public.bench_decisions (like members.decisions including all); create table public.bench_homes as select member_id, person_id from members.homes; alter table public.bench_homes add primary key (member_id)',
  )
  const floor = await inChunks((part) =>
    house.db.pool.query(
      `with pairs as (select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as p(id, a, b)),
        decided as (insert into public.bench_decisions select id, least(a, b), greatest(a, b), 'join', 'bench', 'system', now() from pairs),
        told as (insert into platform.events (generation, id, type, member_id, actor, origin, event_at, created_at, payload)
          select 1, id, 'bench', b, 'system', 'replay', now(), now(), '{}' from pairs)
      update public.bench_homes h set person_id = p.a from pairs p where h.member_id = p.b`,
      [part.map(() => newId()), part.map(({ a }) => a), part.map(({ b }) => b)],
    ),
  )
  bench(`joins-${members}`, rate, 'joins/s', floor)
  note(`${pairs.length} joins of existing members in ${(pairs.length / rate).toFixed(1)} s`)
}
