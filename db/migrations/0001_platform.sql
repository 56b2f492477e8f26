-- The house: settings, the event log with its cursors, idempotency, keys of the vault.

create schema platform;

-- One row for each database system (initdb, restore, move) that this program has run on. Transaction ids start anew
-- on another system, so the order of the log is (generation, xid, id).
create table platform.generations (
  generation int primary key,
  system_identifier text not null,
  since timestamptz not null default now()
);

create table platform.settings (
  name text primary key,
  value jsonb not null,
  changed_at timestamptz not null default now()
);

-- What happened, and at once the queue of every reaction. Only inserted; never updated.
create table platform.events (
  generation int not null,
  xid xid8 not null default pg_current_xact_id(),
  id uuid not null,
  type text not null,
  member_id uuid,
  record_id uuid,
  actor text not null,
  cause uuid,
  depth smallint not null default 0 constraint events_depth_bounded check (depth between 0 and 20),
  origin text not null constraint events_origin_known check (origin in ('live', 'import', 'replay')),
  event_at timestamptz not null,
  created_at timestamptz not null,
  payload jsonb not null
) partition by range (created_at);

-- A month each; `platform/events` makes the coming ones. What falls outside is kept all the same.
create table platform.events_default partition of platform.events default;

create index events_in_order on platform.events (generation, xid, id);
create index events_of_member on platform.events (member_id, event_at) where member_id is not null;

-- Where each lane of a reaction stands in the log.
create table platform.cursors (
  reaction text not null,
  lane smallint not null,
  lanes smallint not null,
  generation int not null,
  xid xid8 not null,
  id uuid not null,
  moved_at timestamptz not null default now(),
  primary key (reaction, lane)
);

-- Events that a reaction could not digest, and the later ones of the same member that wait behind them.
create table platform.parked_events (
  reaction text not null,
  member_id uuid not null, -- the nil uuid for events of no member
  position bigint generated always as identity,
  event jsonb not null,
  error text, -- null: waits behind an earlier one
  tries int not null default 1,
  parked_at timestamptz not null default now(),
  primary key (member_id, reaction, position)
);

-- The answer to a request that named itself, so that the same request told again gets the same answer. Keyed by
-- caller and operation, not by member: a merge between two tries can't act twice. Kept as long as the ledger.
create table platform.idempotency (
  caller text not null,
  operation text not null,
  key text not null,
  input_hash bytea not null,
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (caller, operation, key)
);

-- Keys of the vault, each wrapped by the master key, which is never in the database.
create table platform.vault_keys (
  purpose text primary key,
  wrapped bytea not null,
  created_at timestamptz not null default now()
);
