/** What members see of themselves, and change. Always of who acts: no verb here takes a member's id. */
import type { z } from 'zod'
import { channels } from '#modules/channels'
import { cleanName, comparableNames } from '#modules/cleaning'
import { homesOf, joinMany, type PersonView, personOf } from '#modules/members'
import { type OrderView, ordersOf, orderTotals } from '#modules/orders'
import { balanceOf, entriesOf, lotsOf, tierOf, worthOf } from '#modules/points'
import type { Ctx } from '#platform/ctx'
import { type MemberLanguage, readSettings } from '#platform/settings'
import { type Account, accountOf, putOwnRecord } from './accounts.ts'
import type { readEntries, readMe, readOrders, readProfile } from './contract.ts'
import { valueUnreadable } from './errors.ts'

type Out<R extends { output: z.ZodType }> = z.input<R['output']>
export type Profile = Out<typeof readProfile>

export async function me(ctx: Ctx): Promise<Out<typeof readMe>> {
  const { name: group, timeZone, currency, languages, pointValue } = await readSettings(ctx)
  const { account, person, said } = await whoAmI(ctx)
  const lots = await lotsOf(ctx, account.home)
  const { available, pending, deficit, nextExpiry } = await balanceOf(ctx, account.home)
  const arrivals = lots.filter(({ availableAt }) => availableAt > ctx.now).map((lot) => lot.availableAt.getTime())
  const next = Math.min(...arrivals)
  const totals = [...(await orderTotals(ctx, person.homes, currency)).values()]
  const name = said('name')
  return {
    group: { name: group, timeZone, currency, languages },
    tier: await shownTier(ctx, account.home),
    name,
    givenName: cleanName({ name, familyName: null, givenName: null }).value?.given ?? null,
    phone: phoneOf(person, account),
    number: account.number,
    language: offered(account, languages),
    points: {
      available,
      worthMinor: pointValue && worthOf(available, pointValue),
      pending,
      deficit,
      nextArrival:
        arrivals.length === 0
          ? null
          : {
              at: new Date(next).toISOString(),
              amount: lots.reduce((sum, lot) => sum + (lot.availableAt.getTime() === next ? lot.remaining : 0), 0),
            },
      nextExpiry: nextExpiry && { at: nextExpiry.at.toISOString(), amount: nextExpiry.amount },
    },
    orders: {
      count: totals.reduce((sum, { orders }) => sum + orders, 0),
      newest: (await ordersOf(ctx, person.homes, { limit: 3 })).map(shown),
    },
    since: person.since,
  }
}

async function shownTier(ctx: Ctx, home: string): Promise<Out<typeof readMe>['tier']> {
  const { tier, grant } = await tierOf(ctx, home)
  const { code, names, landscape } = tier
  return { code, names, landscape, until: grant?.until?.toISOString() ?? null }
}

/** What the member chose, as long as the group still offers it. */
const offered = ({ language }: Account, languages: readonly MemberLanguage[]) =>
  languages.find((one) => one === language) ?? null

export async function entries(
  ctx: Ctx,
  page: { before?: string | undefined; limit: number },
): Promise<Out<typeof readEntries>> {
  const { home } = await accountOf(ctx)
  const { entries: found, next } = await entriesOf(ctx, home, page)
  const ids = [...new Set(found.flatMap(({ source }) => /^order:([0-9a-f-]{36})$/.exec(source)?.[1] ?? []))]
  const homes = await homesOf(ctx, home)
  const orders = new Map(
    (ids.length > 0 ? await ordersOf(ctx, homes, { ids, limit: ids.length }) : []).map((order) => [order.id, order]),
  )
  const lots = new Map((await lotsOf(ctx, home)).map((lot) => [`${lot.memberId}-${lot.number}`, lot]))
  return {
    entries: found.map(({ id, kind, points, pending, deficit, source, reason, eventAt, lines }) => {
      const order = orders.get(source.replace('order:', ''))
      const lot = lots.get(id)
      return {
        id,
        kind,
        points,
        pending,
        deficit,
        reason,
        eventAt: eventAt.toISOString(),
        lines,
        order: order ? { product: shown(order).products[0] ?? null, number: order.number } : null,
        lot: lot
          ? {
              remaining: lot.remaining,
              availableAt: lot.availableAt.toISOString(),
              expiresAt: lot.expiresAt?.toISOString() ?? null,
            }
          : null,
      }
    }),
    next,
  }
}

export async function orders(
  ctx: Ctx,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<Out<typeof readOrders>> {
  const { home } = await accountOf(ctx)
  const found = await ordersOf(ctx, await homesOf(ctx, home), {
    before: before === undefined ? undefined : new Date(before),
    limit,
  })
  return {
    orders: found.map(shown),
    next: found.length === limit ? found.at(-1)!.orderedAt.toISOString() : null,
  }
}

const shown = ({ id, number, orderedAt, amountMinor, refundedMinor, currency, status, lines }: OrderView) => ({
  id,
  number,
  orderedAt: orderedAt.toISOString(),
  amountMinor,
  refundedMinor,
  currency,
  status,
  products: lines.flatMap(({ product }) => product ?? []),
})

export async function profile(ctx: Ctx): Promise<Profile> {
  const { account, person, said } = await whoAmI(ctx)
  const { languages } = await readSettings(ctx)
  const gender = said('gender')
  return {
    name: said('name'),
    birthDate: said('birthDate'),
    gender: gender === 'female' || gender === 'male' || gender === 'other' ? gender : null,
    city: said('city'),
    phone: phoneOf(person, account),
    language: offered(account, languages),
  }
}

export async function changeProfile(
  ctx: Ctx,
  said: {
    name?: string | undefined
    birthDate?: string | undefined
    gender?: string | undefined
    city?: string | undefined
  },
): Promise<Profile> {
  const account = await accountOf(ctx)
  const before = await homesOf(ctx, account.home)
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
  if (Object.keys(given).length === 0) return profile(ctx)
  if (said.name !== undefined) await stayOne(ctx, account.home, before, said.name)
  const { problems } = await putOwnRecord(ctx, account.externalId, given)
  if (problems[0]) throw valueUnreadable(problems[0].field)
  return profile(ctx)
}

/**
 * A name that contradicts those of the stores would take the account apart from them, and the member would lose sight
 * of points by writing a name. They have proved that they are one.
 */
async function stayOne(ctx: Ctx, home: string, homes: readonly string[], name: string): Promise<void> {
  const { person } = await whoAmI(ctx)
  const key = (text: string) => cleanName({ name: text, familyName: null, givenName: null }).value?.key ?? null
  const names = [person.name, ...person.otherNames].filter((other) => other !== null)
  if (!names.some((other) => comparableNames(key(other), key(name)) === 'contradict')) return
  const other = homes.find((one) => one !== home)
  if (other) await joinMany(ctx, [{ a: home, b: other }], 'Signed in as one; changed their own name')
}

async function whoAmI(ctx: Ctx): Promise<{
  account: Account
  person: PersonView & { homes: string[] }
  /** What members say of themselves goes before what others say of them. */
  said(field: 'name' | 'birthDate' | 'gender' | 'city'): string | null
}> {
  const account = await accountOf(ctx)
  const person = await personOf(
    ctx,
    account.home,
    new Map((await channels(ctx)).map((channel) => [channel.id, channel])),
  )
  const mine = person.records.find(({ id }) => id === account.home)
  return {
    account,
    person,
    said: (field) => mine?.fields.find((one) => one.field === field)?.value ?? person[field],
  }
}

/** Masked: of the account, else the first that is there. */
function phoneOf(person: PersonView, { home }: Account): string {
  const mine = person.records.find(({ id }) => id === home)
  return mine?.fields.find(({ field }) => field === 'phone')?.value ?? ''
}
