-- Who belongs together: households and travel companions. A tie stands between two homes and joins nobody; the persons
-- behind them now are looked up, so that it goes with its record when people are joined or taken apart.

create schema families;

create table families.ties (
  member_a uuid not null,
  member_b uuid not null,
  -- Refused stays, so that the same is not proposed again; what staff ended is refused.
  state text not null constraint ties_state_known check (state in ('proposed', 'confirmed', 'refused')),
  -- What b is to a; of a proposal, what it looks like.
  kind text not null constraint ties_kind_known check (kind in ('spouse', 'parent', 'child', 'sibling', 'relative', 'companion')),
  -- By what it was found, without values ("address phone surname bookings:2"); empty where staff knew it themselves.
  evidence text not null,
  strength int not null,
  found_at timestamptz not null,
  -- Somebody looked and will look again.
  put_off_until timestamptz,
  decided_at timestamptz,
  actor text,
  primary key (member_a, member_b),
  constraint ties_pair_ordered check (member_a < member_b)
);
create index ties_of_b on families.ties (member_b);
create index ties_proposed on families.ties (strength desc, found_at desc, member_a, member_b) where state = 'proposed';

-- What was booked within the same minutes, for who travels with whom.
create index orders_by_time on orders.orders (ordered_at);

-- A run compares what came or changed since the last one with all. Null: the next one compares all with all.
alter table matching.model add column compared_until timestamptz;
-- Keys that so many records have that they lie in the look-up under narrower ones; four bytes each, in order.
alter table matching.model add column narrowed bytea;
alter table matching.model alter column narrowed set storage external;
-- Records that an import changed: what they said was compared, what they say now is not yet.
create table matching.changed (
  member_id uuid primary key,
  changed_at timestamptz not null
);
create index records_by_time on members.records using brin (created_at);
