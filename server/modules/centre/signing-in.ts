/**
 * Joining and signing in by a proved phone (PRODUCT A2). A code proves who holds the number today, not who held it when
 * the account was made: numbers are recycled. So a number that was last confirmed over a year ago, or stands with
 * records of different names, opens nothing old by itself. It asks for something that only the member knows, and
 * without it begins a new member, kept apart from the old ones until staff have looked.
 */
import { comparableNames } from '#modules/cleaning'
import { type Holder, holdersOf, homesOf, homesOfAll, joinMany, keepApart, personsOf } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import type { Refusal } from '#platform/errors'
import { newId } from '#platform/ids'
import type { MemberLanguage } from '#platform/settings'
import {
  type Account,
  accountOfPhone,
  confirm,
  endSessionsOf,
  openAccount,
  openSession,
  putOwnRecord,
} from './accounts.ts'
import { spendCode } from './codes.ts'
import { countTry } from './limits.ts'

const yearMilliseconds = 365 * 86_400_000

export type SecondFact = 'birthDate' | 'document' | 'familyName'

export type SignedIn =
  | { outcome: 'signed_in'; isNew: boolean; session: string }
  | { outcome: 'second_fact'; asks: SecondFact; wrong: boolean }

export interface Proved {
  /** In the form +861380…, its code was right. */
  phone: string
  fact: string | undefined
  startNew: boolean
  language: MemberLanguage | undefined
}

/** Gives back the refusal where facts were guessed too often, so that the count stays. */
export async function signIn(ctx: Ctx, proved: Proved): Promise<SignedIn | Refusal> {
  const { phone, fact, startNew } = proved
  await takeTurns(ctx, 'identity', [ctx.vault.blind('phone', phone)])
  const account = await accountOfPhone(ctx, phone)
  const holders = await holdersOf(ctx, phone, account ? await homesOf(ctx, account.home) : [])
  if (account && !mayHaveChangedHands(holders, account, ctx.now)) return comeIn(ctx, proved, account)
  if (holders.length === 0) return begin(ctx, proved, account, [])
  if (!account && !mayHaveChangedHands(holders, null, ctx.now)) return join(ctx, proved, null, holders[0]!)

  const asks = factOf(holders)
  if (startNew || asks === null) return begin(ctx, proved, account, holders)
  if (fact === undefined) return { outcome: 'second_fact', asks, wrong: false }
  const refusal = await countTry(ctx, [{ act: 'fact', subject: phone, most: 5, seconds: 86_400 }])
  if (refusal) return refusal
  const known = holders.filter((holder) => knows(holder, asks, fact))
  const persons = new Set(known.map(({ person }) => person))
  // A fact that two of them share says nothing.
  if (persons.size !== 1) return { outcome: 'second_fact', asks, wrong: true }
  const own = account && (await personsOf(ctx, [account.home])).get(account.home)
  return account && persons.has(own!) ? comeIn(ctx, proved, account) : join(ctx, proved, account, known[0]!)
}

/**
 * Whether the number may be another person's by now: nobody has confirmed it for a year, or its records bear names that
 * no one person has. Names that stood there already when the account was last confirmed were answered then.
 */
function mayHaveChangedHands(holders: readonly Holder[], account: Account | null, now: Date): boolean {
  const contradict = (some: readonly Holder[], others: readonly Holder[]) =>
    some.some((one) => others.some((other) => comparableNames(one.nameKey, other.nameKey) === 'contradict'))
  const isOld = (at: number) => now.getTime() - at > yearMilliseconds
  if (account) {
    const own = holders.find(({ home }) => home === account.home)?.person
    const since = holders.filter(({ person, seenAt }) => person !== own && seenAt > account.confirmedAt)
    const mine = holders.filter(({ person }) => person === own)
    return isOld(account.confirmedAt.getTime()) || contradict(since, mine)
  }
  const persons = new Set(holders.map(({ person }) => person))
  const seen = Math.max(...holders.map(({ seenAt }) => seenAt.getTime()))
  return isOld(seen) || persons.size > 1 || contradict(holders, holders)
}

/** What can be asked: the hardest to guess that any of them has told. */
function factOf(holders: readonly Holder[]): SecondFact | null {
  const told = (field: string) => holders.some(({ values }) => typeof values[field] === 'string')
  return told('birthDate')
    ? 'birthDate'
    : told('documentNumber')
      ? 'document'
      : told('familyName')
        ? 'familyName'
        : null
}

function knows({ values }: Holder, asks: SecondFact, fact: string): boolean {
  const said = plain(fact)
  const is = (value: unknown) => typeof value === 'string' && value !== '' && plain(value) === said
  if (asks === 'birthDate') return is(values.birthDate)
  if (asks === 'document') return typeof values.documentNumber === 'string' && is(values.documentNumber.slice(-4))
  return is(values.familyName) || is(values.name)
}

const plain = (text: string) => text.normalize('NFKC').replace(/\s+/g, '').toLowerCase()

async function comeIn(ctx: Ctx, { phone }: Proved, { home }: Account): Promise<SignedIn> {
  await confirm(ctx, home)
  await spendCode(ctx, phone)
  return { outcome: 'signed_in', isNew: false, session: await openSession(ctx, home) }
}

/** A first account for somebody whom the group knows. */
async function join(ctx: Ctx, proved: Proved, before: Account | null, known: Holder): Promise<SignedIn> {
  const externalId = newId()
  const { home } = await putOwnRecord(ctx, externalId, { phone: proved.phone })
  // The record has no name of its own. Without this decision it would stand alone as soon as another name comes to the
  // number, and the member would lose sight of everything.
  await joinMany(ctx, [{ a: home, b: known.home }], 'Proved the phone at sign-in')
  return opened(ctx, proved, before, { home, externalId, isNew: false })
}

/** Somebody new. `strangers`: who had the number before; they stay apart, and staff are asked to look. */
async function begin(
  ctx: Ctx,
  proved: Proved,
  before: Account | null,
  strangers: readonly Holder[],
): Promise<SignedIn> {
  const externalId = newId()
  const { home } = await putOwnRecord(ctx, externalId, strangers.length > 0 ? {} : { phone: proved.phone })
  if (strangers.length > 0) {
    const homes = [
      ...(
        await homesOfAll(
          ctx,
          strangers.map((stranger) => stranger.home),
        )
      ).values(),
    ].flat()
    await keepApart(ctx, {
      home,
      others: [...new Set(homes)],
      reason: 'No second fact at sign-in: the number may have changed hands',
    })
    // Only now the phone: apart already, it makes a review instead of joining.
    await putOwnRecord(ctx, externalId, { phone: proved.phone })
  }
  return opened(ctx, proved, before, { home, externalId, isNew: true })
}

async function opened(
  ctx: Ctx,
  { phone, language }: Proved,
  before: Account | null,
  { home, externalId, isNew }: { home: string; externalId: string; isNew: boolean },
): Promise<SignedIn> {
  if (before) await endSessionsOf(ctx, before.home)
  await openAccount(ctx, { home, externalId, phone, language: language ?? null })
  await spendCode(ctx, phone)
  return { outcome: 'signed_in', isNew, session: await openSession(ctx, home) }
}
