/**
 * Largest-only over a day: of all that a person does in the window, only the largest counts. What each source is worth
 * there is kept, so that a later, larger one brings the difference, and a refund of the largest goes back to the
 * largest that remains.
 */
import { sql } from 'kysely'
import type { Lot } from './accounts.ts'
import { explanationOf } from './explanation.ts'
import type { Round } from './history.ts'
import type { Evaluation, Share } from './rules.ts'
import { callBack, give, keptOf, keyOf, readSources, type Source, type Told, type Work } from './sources.ts'

export interface WindowValue {
  memberId: string
  windowKey: string
  source: string
  givenBy: string
  /** Worth when it was earned. */
  fullPoints: number
  /** Worth now. */
  points: number
  changed: boolean
}

/** Reads the windows that the told facts touch, with everything that stands in them, for all homes of their persons. */
export async function loadWindows(
  work: Work,
  told: readonly Told[],
  evaluations: ReadonlyMap<Told, Evaluation | null>,
): Promise<void> {
  const homes = [...work.books.accounts.keys()]
  const keys = told.flatMap((one) => (evaluations.get(one)?.shares ?? []).flatMap(({ windowKey }) => windowKey ?? []))
  const { rows } = await sql<WindowValue>`
    select member_id as "memberId", window_key as "windowKey", source, given_by as "givenBy", full_points as "fullPoints", points, false as changed
    from points.window_values where member_id = any(${homes}::uuid[]) and window_key in (
      select unnest(${keys}::text[]) union
      select v.window_key from points.window_values v
      join unnest(${told.map(({ memberId }) => memberId)}::uuid[], ${told.map(({ source }) => source)}::text[]) as t(member_id, source)
        on v.member_id = t.member_id and v.source = t.source)`.execute(work.ctx.tx)
  work.windows.push(...rows)
  const more: Source[] = []
  for (const { memberId, source } of rows) {
    const key = keyOf({ memberId, source })
    if (work.sources.has(key)) continue
    const found = { memberId, source, lots: [], facts: [], explanations: new Map() }
    work.sources.set(key, found)
    more.push(found)
  }
  await readSources(work.ctx, work.books, work.sources, more)
}

/** A source is worth more than before: gives what that exceeds all that the window has brought. Says whether it does. */
export function raiseWindow(
  work: Work,
  told: Told,
  source: Source,
  round: Round,
  value: WindowValue,
  { share, onTop }: { share: Share | null; onTop: boolean },
): boolean {
  value.changed = true
  const lots = lotsIn(work, value)
  const kept = keptOf(lots)
  if (value.points <= kept) return false
  const terms = share?.terms ?? lots.find(({ memberId }) => memberId === source.memberId) ?? lots[0]!
  const why = explanationOf(round.first.happening, share ? [share] : [], null)
  give(work, told, source, round, {
    points: value.points - kept,
    terms,
    windowKey: value.windowKey,
    explanation: { ...why, window: { key: value.windowKey, given: kept } },
    onTop,
  })
  return true
}

/**
 * A source is worth less than before: what the window has brought goes back to the largest that remains. Only this calls
 * anything back, so what was given while two homes were one person stands as recorded until a source of it shrinks.
 */
export function lowerWindow(work: Work, told: Told, source: Source, value: WindowValue): void {
  value.changed = true
  const lots = lotsIn(work, value)
  const homes = homesOf(work, value)
  const inWindow = work.windows.filter(
    ({ memberId, windowKey }) => windowKey === value.windowKey && homes.includes(memberId),
  )
  const tooMuch = keptOf(lots) - Math.max(...inWindow.map(({ points }) => points))
  if (tooMuch <= 0) return
  // The points of the source that shrank go first, whatever the day's other lots are.
  const own = lots.filter(({ source: from, memberId }) => from === source.source && memberId === source.memberId)
  const fromOwn = Math.min(tooMuch, keptOf(own))
  if (fromOwn > 0) callBack(work, told, source, own, fromOwn)
  const others = lots.filter((lot) => !own.includes(lot))
  if (tooMuch > fromOwn) callBack(work, told, source, others, tooMuch - fromOwn)
}

const homesOf = (work: Work, { memberId }: WindowValue) => work.homes.get(memberId) ?? [memberId]

function lotsIn(work: Work, value: WindowValue): Lot[] {
  return homesOf(work, value).flatMap((home) =>
    work.books.accounts.get(home)!.lots.filter(({ windowKey }) => windowKey === value.windowKey),
  )
}

export async function writeWindows({ ctx, windows }: Work): Promise<void> {
  const changed = windows.filter((value) => value.changed)
  if (changed.length === 0) return
  await sql`insert into points.window_values (member_id, window_key, source, given_by, full_points, points)
    select * from unnest(${changed.map((v) => v.memberId)}::uuid[], ${changed.map((v) => v.windowKey)}::text[],
      ${changed.map((v) => v.source)}::text[], ${changed.map((v) => v.givenBy)}::uuid[],
      ${changed.map((v) => v.fullPoints)}::bigint[], ${changed.map((v) => v.points)}::bigint[])
    on conflict (member_id, window_key, source, given_by) do update set points = excluded.points`.execute(ctx.tx)
}
