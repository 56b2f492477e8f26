-- The ledger of points: accounts, lots, entries, what each debit drew; and the rules that give points.
--
-- Points are money that the group owes. Entries are only appended, and each names the account that it leaves and the
-- one that it enters, so the books sum to zero by construction. Balances of a member are kept in one row, which is also
-- what an act locks before it reads anything else of the member.

create schema points;

create table points.accounts (
  member_id uuid primary key,
  -- Number of the newest entry; entries are numbered without gaps.
  sequence int not null default 0,
  available bigint not null default 0 constraint accounts_available_not_negative check (available >= 0),
  pending bigint not null default 0 constraint accounts_pending_not_negative check (pending >= 0),
  -- Taken back after the points were spent; the next credit pays it first.
  deficit bigint not null default 0 constraint accounts_deficit_not_negative check (deficit >= 0),
  -- Issued less taken back; spent less given back.
  earned bigint not null default 0,
  spent bigint not null default 0,
  -- Not later than the first moment at which a lot becomes available or expires; null: nothing is awaited.
  due_at timestamptz
) with (fillfactor = 70); -- every award rewrites the row; room in the page keeps that out of the index
-- The sweep finds here whose lots are due. One entry a member instead of one a lot, and it rarely changes.
create index accounts_due on points.accounts (due_at) where due_at is not null;

-- What one award, opening balance or adjustment gave, and how much of it is left.
create table points.lots (
  member_id uuid not null,
  -- What it was given for, e.g. `order:<id>`; `part` counts the lots of one source. A source is told once, so this key
  -- is also what makes an award happen once. An amount of 0 says that the source earned nothing.
  source text not null,
  part smallint not null,
  -- Number of the entry that made it; allocations name the lot by it.
  number int not null,
  -- The fact that gave it: id of the event, or the nil uuid for an award that a verb gave by itself.
  given_by uuid not null,
  -- Given when the source became worth more after its award, or again: not what the award itself recorded.
  on_top boolean not null default false,
  -- What the award was computed on, in the smallest unit of money: a refund takes back in this proportion.
  base_minor bigint not null,
  amount bigint not null,
  remaining bigint not null constraint lots_remaining_within_amount check (remaining between 0 and amount),
  -- How much of the award was called back by refunds, wherever the points for it came from.
  called_back bigint not null default 0 constraint lots_called_back_within_amount check (called_back between 0 and amount),
  -- What expired unused and has not been set against a refund.
  lapsed bigint not null default 0 constraint lots_lapsed_within_amount check (lapsed between 0 and amount),
  pending boolean not null,
  available_at timestamptz not null,
  -- Half-open: from this instant on it can't be spent. Null: never.
  expires_at timestamptz,
  priority smallint not null default 50,
  earned_at timestamptz not null,
  -- The largest-only window that it belongs to: `group/2026-05-01`.
  window_key text,
  -- The import whose row earned it.
  import_id uuid,
  primary key (member_id, source, part)
) with (fillfactor = 90);
create index lots_of_import on points.lots (import_id) where import_id is not null;

create table points.entries (
  member_id uuid not null,
  sequence int not null,
  kind text not null constraint entries_kind_known check (kind in
    ('award', 'opening', 'adjustment', 'activation', 'expiry', 'spend', 'take_back', 'deficit_payment')),
  amount bigint not null,
  leaves text not null constraint entries_leaves_known check (leaves in
    ('ISSUED', 'MEMBER_PENDING', 'MEMBER_AVAILABLE', 'HELD', 'REDEEMED', 'EXPIRED', 'CLAWED_BACK', 'DEFICIT', 'ADJUSTED')),
  enters text not null constraint entries_enters_known check (enters in
    ('ISSUED', 'MEMBER_PENDING', 'MEMBER_AVAILABLE', 'HELD', 'REDEEMED', 'EXPIRED', 'CLAWED_BACK', 'DEFICIT', 'ADJUSTED')),
  -- The lot that an activation or expiry is of.
  lot int,
  source text not null,
  reason text,
  actor text not null,
  event_at timestamptz not null,
  created_at timestamptz not null,
  -- Which rules matched, in which version, and which lost to which; what a refund called back and found.
  explanation jsonb,
  primary key (member_id, sequence),
  constraint entries_move_between_accounts check (leaves <> enters),
  -- Only what explains that nothing was given or taken has no amount.
  constraint entries_amount_positive check (amount > 0 or (amount = 0 and kind in ('award', 'take_back')))
);

-- Which lots a debit drew. Stored, and never worked out again.
create table points.allocations (
  member_id uuid not null,
  sequence int not null,
  lot int not null,
  amount bigint not null constraint allocations_amount_positive check (amount > 0),
  primary key (member_id, sequence, lot)
);

-- What became known about a source besides its award: changed, refunded, cancelled, withdrawn, earned again. Two
-- overlapping transactions may stand in the log in either order, so a refund is kept here even when its award is not
-- yet known. Ids are those of the events and rise with time; from them the same books come out in any order.
create table points.source_facts (
  member_id uuid not null,
  source text not null,
  id uuid not null,
  kind text not null constraint source_facts_kind_known check (kind in ('earned', 'changed', 'refunded', 'cancelled', 'withdrawn')),
  amount_minor bigint not null,
  before_minor bigint not null,
  -- Of a refund: its own id, by which it counts once. Else the import that it came by.
  key text,
  -- What rules have to know, where they may have to be asked later.
  happening jsonb,
  primary key (member_id, source, id)
);

-- What each source is worth in a largest-only window, so that a refund of the largest goes back to the largest that
-- remains.
create table points.window_values (
  member_id uuid not null,
  window_key text not null,
  source text not null,
  given_by uuid not null,
  -- Worth when it was earned, and after refunds.
  full_points bigint not null,
  points bigint not null,
  primary key (member_id, window_key, source, given_by)
);

-- Versions of rules and of the groups in which they meet; an event uses the version in force at its `event_at`.
create table points.rule_groups (
  code text not null constraint rule_groups_code_shape check (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
  version int not null,
  effective_at timestamptz not null,
  definition jsonb not null,
  saved_at timestamptz not null,
  actor text not null,
  primary key (code, version)
);

create table points.rules (
  code text not null constraint rules_code_shape check (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
  version int not null,
  effective_at timestamptz not null,
  definition jsonb not null,
  saved_at timestamptz not null,
  actor text not null,
  primary key (code, version)
);
