/** What the invented people ordered: routes by the season, for two or a family, some paid back, some never paid. */
import type { OrderFacts, OrderLine, OrderStatus } from '#modules/orders'
import { erpCode, extras, otaCode, type Product, products, websiteCode } from './group.ts'
import { courseOf, endOf, firstSeen, type Plan, pick, type Sighting, spanMilliseconds, withinHours } from './people.ts'

const dayMilliseconds = 86_400_000
/** Orders this young are told as paid first and as paid back after that, so that points are taken back. */
export const refundedLatelyDays = 14
const payableDays = 14

export interface Booking extends OrderFacts {
  number: string
  /** It happened within the time in which orders earn points. */
  earns: boolean
  /** Paid, and paid back a little later. */
  refundedLately: boolean
}

/** In the order in which they were made. */
export function bookingsOf(plan: Plan, seen: Sighting): Booking[] {
  const next = courseOf(plan, `orders ${seen.channel}`, seen.person * 4 + seen.nth)
  const since = firstSeen(plan, seen)
  const end = endOf(plan)
  const times = Array.from({ length: howMany(next) }, (_, index) =>
    // The first brought them here, within the hour; the others come over the years.
    index === 0
      ? since + Math.floor(next() * 3_600_000)
      : Math.max(since + 3_600_000, withinHours(since + Math.floor(next() * spanMilliseconds), next)),
  )
    .filter((time) => time < end)
    .sort((a, b) => a - b)
  return times.map((time, index) => booking(plan, seen, { time, index, next }))
}

/** Of three years: many come once, a few every season. */
function howMany(next: () => number): number {
  return next() < 0.24 ? 0 : 1 + Math.floor(-Math.log(1 - next()) * 2.8)
}

function booking(
  plan: Plan,
  { channel, number: customer }: Sighting,
  { time, index, next }: { time: number; index: number; next: () => number },
): Booking {
  const orderedAt = new Date(time)
  const daysAgo = (endOf(plan) - time) / dayMilliseconds
  const status = statusOf(daysAgo, next())
  const refundedLately = status === 'refunded' && daysAgo < refundedLatelyDays
  return {
    number: `${orderedAt.toISOString().slice(2, 10).replaceAll('-', '')}${String(customer).padStart(5, '0')}${String(index).padStart(2, '0')}`,
    orderedAt,
    currency: 'CNY',
    status,
    paymentMethod: status === 'pending' || status === 'cancelled' ? null : paidBy(channel, next()),
    lines: linesOf(orderedAt, next),
    earns: time >= earningFrom(plan),
    refundedLately,
  }
}

/** Awards live for 24 months to the end of the month: older orders come in as history and earn nothing. */
export function earningFrom({ day }: Plan): number {
  return Date.parse(`${Number(day.slice(0, 4)) - 2}${day.slice(4, 8)}01T00:00:00+08:00`)
}

function statusOf(daysAgo: number, chance: number): OrderStatus {
  if (daysAgo < payableDays) return chance < 0.12 ? 'pending' : chance < 0.16 ? 'refunded' : 'paid'
  return chance < 0.05 ? 'cancelled' : chance < 0.085 ? 'refunded' : 'paid'
}

function paidBy(channel: string, chance: number): string {
  if (channel === otaCode || channel === websiteCode) return chance < 0.55 ? 'wechat' : 'alipay'
  if (channel === erpCode) return chance < 0.6 ? 'bank_transfer' : 'on_account'
  if (chance < 0.5) return 'wechat'
  if (chance < 0.78) return 'alipay'
  return chance < 0.9 ? 'pos' : 'cash'
}

function linesOf(orderedAt: Date, next: () => number): OrderLine[] {
  // People book some weeks before they leave.
  const month = (orderedAt.getUTCMonth() + (next() < 0.6 ? 1 : 0)) % 12
  const product = wantedIn(month, next)
  const travellers = pick([1, 1, 2, 2, 2, 2, 3, 3, 4, 5], next)
  const busy = product.months[month]! >= 9 ? 1.18 : product.months[month]! >= 6 ? 1.06 : 1
  const priceYuan = Math.round((product.priceYuan * busy) / 10) * 10
  const lines: OrderLine[] = [
    { product: product.name, quantity: travellers, amountMinor: priceYuan * travellers * 100 },
  ]
  if (next() < 0.22) {
    const extra = pick(extras, next)
    lines.push({ product: extra.name, quantity: travellers, amountMinor: extra.priceYuan * travellers * 100 })
  }
  return lines
}

const wanted = Array.from({ length: 12 }, (_, month) =>
  products.reduce((sum, { months, priceYuan }) => sum + wish(months[month]!, priceYuan), 0),
)

/** Dear journeys are booked less often. */
function wish(inMonth: number, priceYuan: number): number {
  return inMonth / Math.sqrt(priceYuan)
}

function wantedIn(month: number, next: () => number): Product {
  let left = next() * wanted[month]!
  for (const product of products) {
    left -= wish(product.months[month]!, product.priceYuan)
    if (left <= 0) return product
  }
  return products[0]!
}
