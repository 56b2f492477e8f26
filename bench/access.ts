/**
 * What scope costs: the member list of 400 stores' members as staff of one store, of a company and a salesperson see it,
 * beside the same request without scope, asked in turns in the same run. The largest store knows some fifteen of a
 * hundred members, the smallest a dozen, the oldest of all; of ten members one is known to a second store.
 *
 * `npm run bench -- access [--members 1000000] [--requests 200] [--keep FOLDER]`
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Channel, openChannel } from '#modules/channels'
import { addRelations, howManyPersons, type PreparedRecord, prepareRecord, putRecords } from '#modules/members'
import { orderContentHash, orderKey, putOrders } from '#modules/orders'
import { putTree } from '#modules/organisation'
import { verify } from '#modules/points'
import { inBulk } from '#platform/bulk'
import { systemActor as actor, type Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import { newId } from '#platform/ids'
import { course, families, given } from '../server/app/seed.ts'
import { buildServer } from '../server/app/server.ts'
import { addKey } from '../server/modules/access/keys.ts'
import { addSignInLink } from '../server/modules/access/sessions.ts'
import { addStaff, giveRole } from '../server/modules/access/staff.ts'
import { bench, type Ground, note, onGround, percentile } from './ground.ts'

const stores = 400
/** Stores of each company. */
const ofCompany = 40
/** Times at which every store brings what it has of that time: the newest members are everybody's. */
const waves = 20
const smallest = 12
/** Of each hundred: how many a second store knows too, have an order, and have another home store. */
const [shared, ordering, moved] = [10, 25, 1]
const servedBySalesperson = 300
const atOnce = 4_000
const warmUps = 20
const pageOf = 50

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      members: { type: 'string', default: '1000000' },
      requests: { type: 'string', default: '200' },
      keep: { type: 'string' },
    },
  })
  for (const members of values.members.split(',').map(Number)) {
    const folder = values.keep === undefined ? undefined : join(values.keep, String(members))
    await onGround(async (ground) => {
      await ground.house.reactions.stop()
      await settle(ground, members)
      await ask(ground, members, Number(values.requests))
    }, folder)
  }
}

const codeOf = (store: number) => `store-${store}`
const salesperson = 'salesperson'

/** How many members each store brings: the second half as many as the first, the third a third of them, and so on. */
function sizes(members: number): number[] {
  const weights = Array.from({ length: stores - 1 }, (_, store) => 1 / (store + 1))
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  return [...weights.map((weight) => Math.round(((members - smallest) * weight) / whole)), smallest]
}

interface Told {
  n: number
  name: string
  phone: string
}

async function settle({ house }: Ground, members: number): Promise<void> {
  const { persons } = await inTx(house.db, actor, (ctx) => howManyPersons(ctx))
  if (persons > 0) return
  const started = performance.now()
  const tree = Array.from({ length: stores }, (_, store) => ({
    kind: 'store' as const,
    code: codeOf(store),
    name: `门店 ${store}`,
    city: '成都',
    company: `company-${Math.floor(store / ofCompany)}`,
  }))
  const companies = [...new Set(tree.map(({ company }) => company))]
  const opened = await inTx(house.db, actor, async (ctx) => {
    await putTree(ctx, [...companies.map((code) => ({ kind: 'company' as const, code, name: code })), ...tree])
    const all: Channel[] = []
    for (const { code } of tree) all.push(await openChannel(ctx, { code, kind: 'store' }))
    return all
  })
  const dice = course(1)
  const pick = <T>(from: readonly T[]) => from[Math.floor(dice() * from.length)]!
  const counts = sizes(members)
  let n = 0
  const bring = (count: number): Told[] =>
    Array.from({ length: count }, () => ({
      n: ++n,
      name: pick(families) + pick(given) + pick(given),
      phone: `+8613${String((n * 7919 + 100_003) % 1_000_000_000).padStart(9, '0')}`,
    }))
  await inBulk(async () => {
    await put(house, opened[stores - 1]!, bring(smallest))
    for (let wave = 0; wave < waves; wave++) {
      let neighbours: Told[] = []
      for (let store = 0; store < stores - 1; store++) {
        const whole = counts[store]!
        const part = Math.round((whole * (wave + 1)) / waves) - Math.round((whole * wave) / waves)
        const own = bring(part)
        await put(house, opened[store]!, [...own, ...neighbours])
        // Of what a large store brings, no more than another can take.
        neighbours = own.filter(({ n: number }) => number % 100 < shared).slice(0, 500)
      }
    }
  })
  await serve(house, opened)
  await house.db.pool.query('vacuum analyze')
  const broken = await inTx(house.db, actor, (ctx) => verify(ctx))
  if (broken.length > 0) throw new Error(`verify: ${JSON.stringify(broken[0])}`)
  note(`${members} members of ${stores} stores laid in ${Math.round((performance.now() - started) / 1000)} s`)
}

async function put(house: Ground['house'], channel: Channel, people: readonly Told[]): Promise<void> {
  for (let from = 0; from < people.length; from += atOnce) {
    const some = people.slice(from, from + atOnce)
    await inTx(house.db, actor, async (ctx) => {
      const record = ({ n, name, phone }: Told) =>
        prepareRecord(ctx.vault, channel, {
          externalId: `C${n}`,
          name,
          familyName: name.slice(0, 1),
          givenName: name.slice(1),
          phone,
          city: '成都',
        }) satisfies PreparedRecord
      const puts = await putRecords(ctx, some.map(record), { channel, origin: 'import' })
      await putOrders(
        ctx,
        some.flatMap(({ n }, index) => (n % 100 < ordering ? [orderOf(ctx, channel, n, puts[index]!.memberId)] : [])),
        { channel, origin: 'import' },
      )
    })
  }
}

function orderOf(ctx: Ctx, channel: Channel, n: number, memberId: string) {
  const facts = {
    number: `N${n}`,
    orderedAt: new Date(ctx.now.getTime() - (n % 1_000) * 86_400_000),
    currency: 'CNY',
    status: 'paid' as const,
    paymentMethod: 'wechat',
    lines: [{ product: '川西环线 5 日', quantity: 2, amountMinor: 976_000 }],
  }
  return {
    ...facts,
    key: orderKey(ctx.vault, channel, { number: facts.number, content: '', ordinal: 0 }),
    contentHash: orderContentHash(ctx.vault, facts),
    memberId,
  }
}

/** Of each hundred members one belongs to another store now, and a salesperson of the second store serves some. */
async function serve(house: Ground['house'], opened: readonly Channel[]): Promise<void> {
  const staffId = newId()
  await inTx(house.db, actor, async (ctx) => {
    await addStaff(ctx, { id: staffId, login: salesperson, name: '王小二' })
    await giveRole(ctx, { id: newId(), holderId: staffId, role: 'store-staff', place: { kind: 'own' } })
  })
  const { rows } = await house.db.pool.query<{ home: string }>(
    `select member_id as home from members.records where hashtext(member_id::text) % 100 between 0 and $1 order by 1`,
    [moved - 1],
  )
  const since = new Date()
  const relations = rows.map(({ home }, index) => {
    const { id: channelId, code: store } = opened[index < servedBySalesperson ? 1 : index % stores]!
    const kind = index < servedBySalesperson ? ('served' as const) : ('home' as const)
    return { home, kind, channelId, store, staffId: kind === 'served' ? staffId : null, since }
  })
  for (let from = 0; from < relations.length; from += atOnce)
    await inTx(house.db, actor, (ctx) =>
      addRelations(ctx, relations.slice(from, from + atOnce), { reason: 'bench', origin: 'import' }),
    )
}

async function ask({ house }: Ground, members: number, requests: number): Promise<void> {
  const server = await buildServer(house, { via: 'port' })
  const address = await server.listen({ port: 0, host: '127.0.0.1' })
  const asKey = async (place: Parameters<typeof addKey>[1]['place']) => {
    const { key } = await inTx(house.db, actor, (ctx) =>
      addKey(ctx, { name: 'bench', role: 'auditor', place, expiresAt: null }),
    )
    return { authorization: `Bearer ${key}` }
  }
  const asSalesperson = async () => {
    const { rows } = await house.db.pool.query<{ id: string }>('select id from access.staff where login = $1', [
      salesperson,
    ])
    const { token } = await inTx(house.db, actor, (ctx) => addSignInLink(ctx, rows[0]!.id))
    const reply = await fetch(`${address}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    return {
      cookie: reply.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    }
  }
  const get = async (headers: Record<string, string>, path: string) => {
    const reply = await fetch(`${address}/api${path}`, { headers })
    const text = await reply.text()
    if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${text}`)
    return JSON.parse(text) as {
      next: string | null
      members: unknown[]
      total: { persons: number; counted: boolean } | null
    }
  }
  const everybody = await asKey({ kind: 'group' })
  const store = (number: number) => asKey({ kind: 'store', code: codeOf(number) })
  const who: [string, Record<string, string>][] = [
    ['largest-store', await store(0)],
    ['middle-store', await store(stores / 10)],
    ['small-store', await store(stores - 2)],
    ['smallest-store', await store(stores - 1)],
    ['company', await asKey({ kind: 'company', code: 'company-1' })],
    ['salesperson', await asSalesperson()],
  ]
  for (const [name, headers] of who) {
    const first = await get(headers, `/members?limit=${pageOf}`)
    const all = await get(everybody, `/members?limit=${pageOf}`)
    note(
      `${name} sees ${first.total!.counted ? '' : 'about '}${first.total!.persons} of ${all.total!.persons}, on the first page ${first.members.length}`,
    )
    const pages: [string, string, string][] = [['', '', '']]
    if (first.next) pages.push(['-next', `&after=${first.next}`, `&after=${all.next}`])
    for (const [which, after, afterAll] of pages) {
      const [scoped, unscoped]: [number[], number[]] = [[], []]
      for (let time = -warmUps; time < requests; time++) {
        for (const [as, from, times] of [
          [headers, after, scoped],
          [everybody, afterAll, unscoped],
        ] as const) {
          const started = performance.now()
          await get(as, `/members?limit=${pageOf}${from}`)
          if (time >= 0) times.push(performance.now() - started)
        }
      }
      const perSecond = (times: readonly number[]) => (1000 * times.length) / times.reduce((sum, one) => sum + one, 0)
      bench(`access-${name}${which}-${members}`, perSecond(scoped), 'pages/s', perSecond(unscoped))
      bench(`access-${name}${which}-p95-${members}`, percentile(scoped, 0.95), 'ms', percentile(unscoped, 0.95))
    }
  }
  await server.close()
}
