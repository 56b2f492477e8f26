-- Weighed evidence: joins and reviews that come of many facts which agree, each worth little alone.

-- A join by the matcher stands below every identity and every word of staff.
alter table members.decisions drop constraint decisions_kind_known;
alter table members.decisions add constraint decisions_kind_known check (kind in ('join', 'apart', 'match'));
-- Of a match: the evidence in bits, and what each field gave ("family.exact 9.1 birth.one_digit 8.3"). No values.
alter table members.decisions add column score real;
alter table members.decisions add column parts text;

alter table members.reviews add column score real;
alter table members.reviews add column parts text;
-- Somebody looked and will look again.
alter table members.reviews add column put_off_until timestamptz;
create index reviews_open on members.reviews (found_at desc, member_a) where closed_at is null;

create schema matching;

create table matching.runs (
  id uuid primary key,
  state text not null constraint runs_state_known check (state in ('running', 'done', 'failed')),
  dry_run boolean not null,
  actor text not null,
  progress jsonb,
  -- What it found and did, seconds by phase, and the histogram of scores with their expected errors.
  result jsonb,
  error jsonb,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index runs_by_time on matching.runs (created_at desc);

-- What the newest run learned. Shares and thresholds are about levels; how often values are met is sealed.
create table matching.model (
  one boolean primary key default true constraint model_is_one check (one),
  run_id uuid not null,
  learned jsonb not null,
  sealed_frequencies bytea not null,
  -- The look-up that belongs to it: its pages are those of this run, and there are two to this power.
  page_bits int not null,
  learned_at timestamptz not null
);

-- Look-up: who has a key by which candidates are found. Keys are keyed hashes of 32 bits. Those of a run lie in pages, by
-- the key's first bits, each entry four bytes of the key and sixteen of the home; what came since lies in `keys`.
create table matching.pages (
  run_id uuid not null,
  page int not null,
  entries bytea not null,
  primary key (run_id, page)
);
-- A page lies in its row, uncompressed (hashes don't compress): one is read with one look-up.
alter table matching.pages alter column entries set storage external;
alter table matching.pages set (toast_tuple_target = 8160);

create table matching.keys (
  key bigint not null,
  member_id uuid not null,
  primary key (key, member_id)
);
create index keys_of_member on matching.keys (member_id);

-- What the group chose; what is null is chosen by the run from its expected errors.
create table matching.settings (
  one boolean primary key default true constraint settings_are_one check (one),
  join_from double precision,
  review_from double precision,
  precision double precision not null default 0.999,
  changed_at timestamptz not null,
  changed_by text not null
);
