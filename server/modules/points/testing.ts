/** For the tests of points: members, orders as events, time that stands still until it is moved. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { stoppedClock } from '#platform/clock'
import { emitMany, type NewEvent, type Origin } from '#platform/events'
import { changeSettings, type GroupSettings } from '#platform/settings'
import { type TestDatabase, test as withDatabase } from '#platform/testing'
import { balanceOf, entriesOf } from './balances.ts'
import type { GroupDefinition, RuleDefinition } from './contract.ts'
import { earning } from './earning.ts'
import { addGroup, addRule, ensureStartingRules } from './rulebook.ts'
import { verify } from './verify.ts'

export interface Group {
  readonly db: TestDatabase
  readonly clock: ReturnType<typeof stoppedClock>
  member(): Promise<string>
  /** From now on two members are one person, by the home that is older; parted, each is its own again. */
  join(a: string, b: string): Promise<void>
  part(...members: string[]): Promise<void>
  /** Writes events in one act, without running the reaction. */
  tell(...events: NewEvent[]): Promise<void>
  /** Runs the reaction until it has read everything. */
  seen(): Promise<void>
  paid(member: string, amountMinor: number, more?: Partial<Paid>): Promise<string>
  refunded(
    member: string,
    orderId: string,
    amountMinor: number,
    more?: { refundId?: string; origin?: Origin },
  ): Promise<void>
  balance(member: string): Promise<{ available: number; pending: number; deficit: number }>
  entries(member: string): Promise<{ kind: string; points: number; pending: number; deficit: number }[]>
  settings(change: Partial<GroupSettings>): Promise<void>
  rule(code: string, definition: Partial<RuleDefinition>, effectiveAt?: Date): Promise<void>
  group(code: string, definition: Partial<GroupDefinition>, effectiveAt?: Date): Promise<void>
  booksAreSound(): Promise<void>
}

export interface Paid {
  orderId: string
  at: Date
  currency: string
  channel: string
  paymentMethod: string | null
  origin: Origin
  importId: string
}

export const orderEvent = {
  paid: (memberId: string, orderId: string, amountMinor: number, more: Partial<Paid> = {}): NewEvent => ({
    type: 'order.paid',
    memberId,
    origin: more.origin ?? 'live',
    ...(more.at && { at: more.at }),
    payload: {
      orderId,
      channel: more.channel ?? 'shop',
      amountMinor,
      currency: more.currency ?? 'CNY',
      paymentMethod: more.paymentMethod ?? null,
      ...(more.importId && { importId: more.importId }),
    },
  }),
  refunded: (memberId: string, orderId: string, amountMinor: number, refundId: string = randomUUID()): NewEvent => ({
    type: 'order.refunded',
    memberId,
    payload: { orderId, refundId, channel: 'shop', amountMinor, ofMinor: amountMinor, currency: 'CNY' },
  }),
  changed: (
    memberId: string,
    orderId: string,
    beforeMinor: number,
    amountMinor: number,
    currency = 'CNY',
  ): NewEvent => ({
    type: 'order.changed',
    memberId,
    payload: { orderId, channel: 'shop', amountMinor, beforeMinor, currency },
  }),
  cancelled: (memberId: string, orderId: string): NewEvent => ({
    type: 'order.cancelled',
    memberId,
    payload: { orderId, channel: 'shop' },
  }),
  withdrawn: (memberId: string, orderId: string, importId: string): NewEvent => ({
    type: 'order.withdrawn',
    memberId,
    origin: 'import',
    payload: { orderId, channel: 'shop', importId },
  }),
}

/** A group whose clock stands at noon of 17 May 2026 in Shanghai; with the rules that a new group begins with. */
export const test = withDatabase.extend<{ group: Group }>({
  group: async ({ db }, use) => {
    const clock = stoppedClock('2026-05-17T04:00:00Z')
    db.clock = clock
    db.useReactions([earning])
    await db.act(ensureStartingRules)
    await use(groupOn(db, clock))
  },
})

export function groupOn(db: TestDatabase, clock: ReturnType<typeof stoppedClock>): Group {
  const setPerson = (members: string[], person: (member: string) => string) =>
    db.act(async (ctx) => {
      await sql`update members.homes set person_id = u.p from unnest(${members}::uuid[], ${members.map(person)}::uuid[]) as u(m, p)
        where member_id = u.m`.execute(ctx.tx)
    })
  const group: Group = {
    db,
    clock,
    member: () =>
      db.act(async (ctx) => {
        const id = randomUUID()
        await sql`insert into members.homes (member_id, person_id, created_at) values (${id}, ${id}, ${ctx.now})`.execute(
          ctx.tx,
        )
        return id
      }),
    join: (a, b) => setPerson([a, b], () => a),
    part: (...members) => setPerson(members, (member) => member),
    tell: (...events) => db.act((ctx) => emitMany(ctx, events)),
    seen: () => db.reactionsCaughtUp(),
    paid: async (member, amountMinor, more = {}) => {
      const orderId = more.orderId ?? randomUUID()
      await group.tell(orderEvent.paid(member, orderId, amountMinor, more))
      await group.seen()
      return orderId
    },
    refunded: async (member, orderId, amountMinor, { refundId, origin } = {}) => {
      await group.tell({
        ...orderEvent.refunded(member, orderId, amountMinor, refundId),
        ...(origin && { origin }),
      } as NewEvent)
      await group.seen()
    },
    balance: async (member) => {
      const { available, pending, deficit } = await db.act((ctx) => balanceOf(ctx, member))
      return { available, pending, deficit }
    },
    entries: async (member) => {
      const { entries } = await db.act((ctx) => entriesOf(ctx, member, { limit: 200 }))
      return entries.map(({ kind, points, pending, deficit }) => ({ kind, points, pending, deficit }))
    },
    settings: async (change) => {
      await db.act((ctx) => changeSettings(ctx, change))
    },
    rule: async (code, definition, effectiveAt = new Date(0)) => {
      await db.act((ctx) => addRule(ctx, { code, effectiveAt, definition: { ...plainRule, ...definition } }))
    },
    group: async (code, definition, effectiveAt = new Date(0)) => {
      await db.act((ctx) =>
        addGroup(ctx, { code, effectiveAt, definition: { name: code, way: 'sum', window: 'event', ...definition } }),
      )
    },
    booksAreSound: async () => {
      expect(await db.act((ctx) => verify(ctx))).toEqual([])
    },
  }
  return group
}

export const plainRule: RuleDefinition = {
  name: 'a rule',
  group: 'purchases',
  event: 'order.paid',
  when: [],
  gives: { by: 'event', points: 10 },
  expires: { mode: 'never' },
  availableAfterDays: 0,
  priority: 50,
  active: true,
}
