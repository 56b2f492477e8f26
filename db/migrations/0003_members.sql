-- Source records, the identities they bring, and which of them are one person now.
--
-- A source record has a home: a member id of its own, given once. Everything that comes by the record (orders, points,
-- events) is written under its home and is never rewritten. `members.homes` says which homes are one person; joining
-- and parting people changes that table and nothing else.

create schema members;

create table members.homes (
  member_id uuid primary key,
  -- The oldest home of the person; its own id while alone.
  person_id uuid not null,
  -- The home's sealing key, wrapped by the master key. Destroying it erases the person.
  wrapped_key bytea,
  created_at timestamptz not null
);
create index homes_of_person on members.homes (person_id);

create table members.records (
  member_id uuid primary key,
  channel_id int not null,
  -- What makes this record itself within its channel: blind index of the external id, else of identity and name,
  -- else of its content and number among equals.
  record_key uuid not null,
  -- Keyed hash of the values as they came last, to know at once that a row says nothing new.
  content_hash uuid not null,
  -- The values in force, and those that the newest version itself brought where older versions fill gaps.
  sealed bytea not null,
  sealed_own bytea,
  version int not null default 1,
  import_id uuid,
  seen_at timestamptz not null,
  created_at timestamptz not null,
  -- Withdrawn by the undo of its import; its home and history stay.
  withdrawn_at timestamptz
);
create index records_of_import on members.records (import_id, member_id) where import_id is not null;

-- Versions that a newer one replaced, each as it came.
create table members.past_versions (
  member_id uuid not null,
  version int not null,
  content_hash uuid not null,
  sealed_own bytea not null,
  import_id uuid,
  seen_at timestamptz not null,
  primary key (member_id, version)
);
create index past_versions_of_import on members.past_versions (import_id, member_id) where import_id is not null;

-- Look-up: which record a row is.
create table members.record_keys (
  record_key uuid primary key,
  member_id uuid not null
);

-- Look-up: who carries an identity. Values are blind; `joins` says that this one may join people (verified, or come by
-- a trusted channel, and not blocked). Others are contact points: found by search, never by merging.
create table members.identities (
  blind uuid not null,
  member_id uuid not null,
  kind text not null,
  joins boolean not null,
  -- Blind index of a phone's or document's last four characters, for search.
  last_four uuid,
  primary key (blind, member_id)
);
create index identities_of_member on members.identities (member_id);
create index identities_by_last_four on members.identities (last_four) where last_four is not null;

-- Clear on purpose, and only here: what lists and searches need to read.
create table members.profiles (
  member_id uuid primary key,
  name text,
  name_key text,
  pinyin text,
  initials text,
  birth_date date,
  gender text,
  city text
);
create index profiles_by_name on members.profiles (name text_pattern_ops) where name is not null;
create index profiles_by_pinyin on members.profiles (pinyin text_pattern_ops) where pinyin is not null;
create index profiles_by_initials on members.profiles (initials text_pattern_ops) where initials is not null;

-- Identity values that stopped joining people because too many different people use them.
create table members.shared_values (
  blind uuid primary key,
  kind text not null,
  names int not null,
  records int not null,
  since timestamptz not null
);

-- What staff decided about two homes; the newest decision of a pair holds.
create table members.decisions (
  id uuid primary key,
  member_a uuid not null,
  member_b uuid not null,
  kind text not null constraint decisions_kind_known check (kind in ('join', 'apart')),
  reason text not null,
  actor text not null,
  decided_at timestamptz not null,
  constraint decisions_pair_ordered check (member_a < member_b)
);
create index decisions_of_a on members.decisions (member_a);
create index decisions_of_b on members.decisions (member_b);

-- Pairs that share an identity but contradict each other otherwise: a person decides.
create table members.reviews (
  member_a uuid not null,
  member_b uuid not null,
  kind text not null,
  reason text not null,
  found_at timestamptz not null,
  closed_at timestamptz,
  primary key (member_a, member_b, kind),
  constraint reviews_pair_ordered check (member_a < member_b)
);
create index reviews_of_b on members.reviews (member_b);

-- Every look at a masked value: who, at what, why.
create table members.reveals (
  member_id uuid not null,
  id uuid not null,
  field text not null,
  reason text not null,
  actor text not null,
  shown_at timestamptz not null,
  primary key (member_id, id)
);
