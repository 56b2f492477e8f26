-- The audit log: who saw, changed or exported what, from where and why. Ids, codes and reasons; no personal values.

-- Written in the transaction of the act; only inserted. Nothing here is shared between acts: the chain is made behind
-- them, in batches.
create table platform.audit_entries (
  generation int not null,
  xid xid8 not null default pg_current_xact_id(),
  id uuid not null,
  at timestamptz not null,
  actor text not null,
  -- The operation by its name in the OpenAPI document, or what the program did by itself.
  act text not null,
  kind text not null constraint audit_entries_kind_known check (kind in ('look', 'change', 'export', 'session')),
  -- Why it was refused; null: it was done.
  refusal text,
  permission text,
  address text,
  request_id uuid,
  -- Homes that it is about.
  members uuid[] not null,
  ids jsonb not null,
  fields text[] not null,
  -- What was given as a reason may name a person; it goes when they are erased, and its keyed hash stays.
  reason text,
  reason_proof uuid,
  details jsonb not null,
  -- Keyed hash of all before it but generation, xid and the reason, for which its own hash stands.
  proof uuid not null,
  primary key (generation, xid, id)
);
create index audit_entries_by_time on platform.audit_entries (at, id);
create index audit_entries_by_actor on platform.audit_entries (actor, at, id);
create index audit_entries_by_act on platform.audit_entries (act, at, id);
create index audit_entries_with_reason on platform.audit_entries (at, id) where reason is not null;
create index audit_entries_of_members on platform.audit_entries using gin (members);

-- A stretch of the log in its order, behind the one before: the ids of its entries, and a keyed hash of them and of the
-- hash before.
create table platform.audit_batches (
  number int primary key,
  generation int not null,
  xid xid8 not null,
  -- Of its last entry.
  id uuid not null,
  ids uuid[] not null,
  hash bytea not null,
  sealed_at timestamptz not null
);

-- What going through the whole log has found, each time.
create table platform.audit_checks (
  id uuid primary key,
  checked_at timestamptz not null,
  batches int not null,
  entries bigint not null,
  broken jsonb not null,
  proof uuid not null
);
