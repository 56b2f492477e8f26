/**
 * Proves the books: every invariant that the ledger promises, each as one statement over all members, so each sees one
 * moment. Prints nothing and changes nothing; what is broken comes back with ids.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Ctx } from '#platform/ctx'

export interface Broken {
  invariant: string
  /** Member, then what is his. */
  ids: string[]
  detail: string
}

interface Found {
  ids: string[]
  detail: string
}

/** At most `limit` of each kind. */
export async function verify(ctx: Pick<Ctx, 'tx'>, limit = 100): Promise<Broken[]> {
  // Each check reads whole tables. Where their statistics lag behind a day of writing, the planner takes sums over all
  // members for small and would walk them once for each member.
  await sql`set local enable_nestloop = off`.execute(ctx.tx)
  const broken: Broken[] = []
  for (const [invariant, query] of Object.entries(invariants)) {
    const { rows } = await sql<Found>`select ids, detail from (${query}) found(ids, detail) limit ${limit}`.execute(
      ctx.tx,
    )
    broken.push(...rows.map(({ ids, detail }) => ({ invariant, ids, detail })))
  }
  await sql`set local enable_nestloop = on`.execute(ctx.tx)
  return broken
}

/** What entries did to one of a member's accounts. */
const moved = (account: string) =>
  sql`sum(case when enters = ${sql.lit(account)} then amount when leaves = ${sql.lit(account)} then -amount else 0 end)`

const invariants: Record<string, RawBuilder<unknown>> = {
  'points.balance_is_entries': sql`
    select array[coalesce(a.member_id, e.member_id)::text],
      format('available %s pending %s deficit %s earned %s spent %s, by entries %s %s %s %s %s',
        a.available, a.pending, a.deficit, a.earned, a.spent, e.available, e.pending, e.deficit, e.earned, e.spent)
    from points.accounts a full join (
      select member_id, ${moved('MEMBER_AVAILABLE')} as available, ${moved('MEMBER_PENDING')} as pending,
        -${moved('DEFICIT')} as deficit, -(${moved('ISSUED')} + ${moved('CLAWED_BACK')}) as earned, ${moved('REDEEMED')} as spent
      from points.entries group by member_id) e on e.member_id = a.member_id
    where (coalesce(a.available, 0), coalesce(a.pending, 0), coalesce(a.deficit, 0), coalesce(a.earned, 0), coalesce(a.spent, 0))
      <> (coalesce(e.available, 0), coalesce(e.pending, 0), coalesce(e.deficit, 0), coalesce(e.earned, 0), coalesce(e.spent, 0))`,

  'points.balance_is_lots': sql`
    select array[coalesce(a.member_id, l.member_id)::text],
      format('available %s pending %s, by lots %s %s', a.available, a.pending, l.available, l.pending)
    from points.accounts a full join (
      select member_id, coalesce(sum(remaining) filter (where not pending), 0) as available,
        coalesce(sum(remaining) filter (where pending), 0) as pending
      from points.lots group by member_id) l on l.member_id = a.member_id
    where (coalesce(a.available, 0), coalesce(a.pending, 0)) <> (coalesce(l.available, 0), coalesce(l.pending, 0))`,

  'points.entries_without_gaps': sql`
    select array[coalesce(a.member_id, e.member_id)::text], format('newest is %s, found %s up to %s', a.sequence, e.count, e.newest)
    from points.accounts a
    full join (select member_id, count(*) as count, max(sequence) as newest from points.entries group by member_id) e
      on e.member_id = a.member_id
    where coalesce(a.sequence, 0) <> coalesce(e.count, 0) or coalesce(a.sequence, 0) <> coalesce(e.newest, 0)`,

  'points.lot_is_its_draws': sql`
    select array[l.member_id::text, l.source, l.number::text], format('%s of %s left, %s drawn', l.remaining, l.amount, coalesce(d.drawn, 0))
    from points.lots l left join (
      select member_id, lot, sum(amount) as drawn from points.allocations group by member_id, lot) d
      on d.member_id = l.member_id and d.lot = l.number
    where l.remaining <> l.amount - coalesce(d.drawn, 0)`,

  'points.lot_has_its_credit': sql`
    select array[coalesce(l.member_id, e.member_id)::text, coalesce(l.number, e.sequence)::text], format('lot %s, entry %s', l.amount, e.amount)
    from points.lots l full join (
      select member_id, sequence, amount, source from points.entries
      where kind in ('award', 'opening') or (kind = 'adjustment' and leaves = 'ADJUSTED')) e
      on e.member_id = l.member_id and e.sequence = l.number
    where l.amount is distinct from e.amount or l.source is distinct from e.source`,

  'points.debit_is_allocated': sql`
    select array[e.member_id::text, e.sequence::text], format('%s debited, %s allocated', e.amount, coalesce(d.drawn, 0))
    from points.entries e left join (
      select member_id, sequence, sum(amount) as drawn from points.allocations group by member_id, sequence) d
      on d.member_id = e.member_id and d.sequence = e.sequence
    where coalesce(d.drawn, 0) <> case
      when e.kind <> 'activation' and e.leaves in ('MEMBER_AVAILABLE', 'MEMBER_PENDING') then e.amount else 0 end`,

  'points.draw_names_a_lot': sql`
    select array[d.member_id::text, d.sequence::text, d.lot::text], 'draws a lot or by an entry that is not there'
    from points.allocations d
    left join points.lots l on l.member_id = d.member_id and l.number = d.lot
    left join points.entries e on e.member_id = d.member_id and e.sequence = d.sequence
    where l.member_id is null or e.member_id is null`,

  'points.drawn_while_alive': sql`
    select array[e.member_id::text, e.sequence::text, l.source], format('drawn at %s, alive from %s until %s', e.event_at, l.available_at, l.expires_at)
    from points.entries e
    join points.allocations d on d.member_id = e.member_id and d.sequence = e.sequence
    join points.lots l on l.member_id = d.member_id and l.number = d.lot
    where case
      when e.kind = 'expiry' then e.event_at is distinct from l.expires_at or l.expires_at > e.created_at
      when e.kind = 'take_back' then e.created_at >= l.expires_at or (e.leaves = 'MEMBER_AVAILABLE' and e.created_at < l.available_at)
      else e.event_at < l.available_at or e.event_at >= l.expires_at end`,

  'points.activated_once': sql`
    select array[l.member_id::text, l.source, l.number::text], format('%s activations of a lot available from %s', count(e.sequence), l.available_at)
    from points.lots l
    join points.entries e on e.member_id = l.member_id and e.lot = l.number and e.kind = 'activation'
    group by l.member_id, l.source, l.part
    having count(*) > 1 or bool_or(l.pending) or bool_or(e.event_at is distinct from l.available_at or e.created_at < l.available_at)`,

  'points.expired_once': sql`
    select array[l.member_id::text, l.source, l.number::text], format('%s expiries, %s lapsed, %s left', count(*), l.lapsed, l.remaining)
    from points.lots l
    join points.entries e on e.member_id = l.member_id and e.lot = l.number and e.kind = 'expiry'
    group by l.member_id, l.source, l.part
    having count(*) > 1 or l.remaining > 0 or l.lapsed > sum(e.amount)`,

  'points.lapsed_has_expiry': sql`
    select array[l.member_id::text, l.source, l.number::text], format('%s lapsed without an expiry', l.lapsed)
    from points.lots l where l.lapsed > 0 and not exists (
      select from points.entries e where e.member_id = l.member_id and e.lot = l.number and e.kind = 'expiry')`,

  // A person's other homes may have paid for it, so this is summed by source over all members.
  'points.taken_within_award': sql`
    select array[t.source], format('%s taken back of %s called back', t.taken, coalesce(l.called, 0))
    from (select source, sum(amount) as taken from points.entries where kind = 'take_back' group by source) t
    left join (select source, sum(called_back) as called from points.lots where called_back > 0 group by source) l on l.source = t.source
    where t.taken > coalesce(l.called, 0)`,

  'points.deficits_paid_in_full': sql`
    select array[source], format('%s paid from other homes, %s credited', paid, credited)
    from (
      select source, coalesce(sum(amount) filter (where enters = 'CLAWED_BACK'), 0) as paid,
        coalesce(sum(amount) filter (where leaves = 'CLAWED_BACK'), 0) as credited
      from points.entries where kind = 'deficit_payment' and (enters = 'CLAWED_BACK' or leaves = 'CLAWED_BACK') group by source) p
    where paid <> credited`,

  'points.due_is_awaited': sql`
    select array[a.member_id::text], format('awaits %s, a lot is due at %s', a.due_at, l.due)
    from points.accounts a join (
      select member_id, min(case when pending then least(available_at, expires_at) else expires_at end) as due
      from points.lots where remaining > 0 group by member_id) l on l.member_id = a.member_id
    where l.due < coalesce(a.due_at, 'infinity')`,

  'points.tiers_in_order': sql`
    select array[coalesce(code, '')], format('rank %s of %s tiers', rank, count)
    from (select code, rank, count(*) over () as count, row_number() over (order by rank) as place
      from points.tiers where rank is not null) t
    where rank <> place
    union all select array[''], 'there is no tier' where not exists (select from points.tiers where rank is not null)`,

  // The tier of a person follows from these: each names a tier that there is, and no two of one home hold at once.
  'points.tier_is_one': sql`
    select array[member_id::text, id::text], format('in %s from %s, and in %s until %s', tier, given_at, before, before_until)
    from (
      select member_id, id, tier, given_at, lag(tier) over w as before,
        lag(coalesce(ended_at, until, 'infinity')) over w as before_until
      from points.tier_grants window w as (partition by member_id order by given_at, coalesce(ended_at, 'infinity'))) g
    where before_until > given_at`,

  'points.tier_is_listed': sql`
    select array[g.member_id::text, g.id::text], format('holds %s, which was taken out of the list', g.tier)
    from points.tier_grants g join points.tiers t on t.code = g.tier
    where t.rank is null and g.ended_at is null and (g.until is null or g.until > now())`,

  'points.tier_lapsed_in_time': sql`
    select array[member_id::text, id::text], format('noted as lapsed at %s, it held until %s', ended_at, until)
    from points.tier_grants where ended_as = 'lapsed' and ended_at is distinct from until`,
}
