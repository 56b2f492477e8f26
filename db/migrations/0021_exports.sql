-- Files of members, orders and points that staff take out: who asked, why, who approved, and for how long they lie.

create schema exports;

create table exports.exports (
  id uuid primary key,
  kind text not null constraint exports_kind_known check (kind in ('members', 'orders', 'points')),
  format text not null constraint exports_format_known check (format in ('csv', 'xlsx')),
  state text not null constraint exports_state_known check (state in
    ('counting', 'waiting', 'making', 'ready', 'refused', 'cancelled', 'failed', 'expired')),
  -- `staff:<id>`, `key:<id>` or `system`.
  asked_by text not null,
  asked_at timestamptz not null,
  reason text not null,
  -- Phones, e-mail and documents in full.
  clear boolean not null,
  -- Filter and columns; what was searched for may be a phone. Gone when the export has ended.
  sealed_asked bytea,
  -- Stands in every row of the file, so that a part of it that turns up says where it is from.
  trace text not null constraint exports_trace_once unique,
  rows int,
  bytes bigint,
  decided_by text,
  decided_at timestamptz,
  decision_reason text,
  constraint exports_not_approved_by_asker check (decided_by is null or decided_by <> asked_by),
  -- What the asker saw when the file was made: who sees less now may not have it any more.
  made_within jsonb,
  -- Code of the refusal by which it ended.
  error text,
  downloads int not null default 0,
  expires_at timestamptz,
  ended_at timestamptz
);
create index exports_of_asker on exports.exports (asked_by, asked_at desc);
create index exports_alive on exports.exports (state) where ended_at is null;
