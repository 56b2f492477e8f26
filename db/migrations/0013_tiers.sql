-- Tiers in their first form: an ordered list, and who was invited to which. And how the schedule's jobs went.

-- The list begins as the landscapes are drawn; a group names and orders it as it likes. A tier that was taken out of the
-- list stays here, because history names it.
create table points.tiers (
  code text primary key constraint tiers_code_shape check (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
  -- From 1, without gaps; null: taken out of the list. Everybody who isn't invited to another is in the first.
  rank int constraint tiers_rank_from_one check (rank >= 1),
  -- {"zh-CN": "丹霞", "en": "Danxia", "ru": "Данься"}
  names jsonb not null,
  landscape text not null constraint tiers_landscape_known
    check (landscape in ('bluestone', 'lakeside', 'ginkgo', 'danxia', 'starsea')),
  constraint tiers_rank_once unique (rank) deferrable initially deferred
);

insert into points.tiers (code, rank, names, landscape) values
  ('bluestone', 1, '{"zh-CN": "青石", "en": "Bluestone", "ru": "Сланец"}', 'bluestone'),
  ('lakeside', 2, '{"zh-CN": "碧湖", "en": "Lakeside", "ru": "Озеро"}', 'lakeside'),
  ('ginkgo', 3, '{"zh-CN": "银杏", "en": "Ginkgo", "ru": "Гинкго"}', 'ginkgo'),
  ('danxia', 4, '{"zh-CN": "丹霞", "en": "Danxia", "ru": "Данься"}', 'danxia');

-- Who was given a tier by invitation, and until when. A grant is written once and ended once; from the grants of a
-- person's homes follows the tier at any moment, so it is kept nowhere else.
create table points.tier_grants (
  member_id uuid not null,
  id uuid not null,
  tier text not null constraint tier_grants_tier_known references points.tiers,
  reason text not null,
  given_by text not null,
  given_at timestamptz not null,
  -- The first moment at which it no longer holds, whether or not anybody has noticed; null: until it is ended.
  until timestamptz,
  ended_at timestamptz,
  -- `taken`: by staff. `replaced`: by the next grant. `lapsed`: noticed by the sweep; then `ended_at` is `until`.
  ended_as text constraint tier_grants_end_known check (ended_as in ('taken', 'replaced', 'lapsed')),
  ended_by text,
  end_reason text,
  primary key (member_id, id),
  constraint tier_grants_until_later check (until > given_at),
  constraint tier_grants_end_whole check ((ended_at is null) = (ended_as is null) and (ended_at is null) = (ended_by is null)),
  constraint tier_grants_end_in_time check (ended_at >= given_at and ended_at <= coalesce(until, 'infinity'))
);
-- A home has one at a time.
create unique index tier_grants_one_open on points.tier_grants (member_id) where ended_at is null;
create index tier_grants_due on points.tier_grants (until) where ended_at is null and until is not null;
create index tier_grants_of_tier on points.tier_grants (tier) where ended_at is null;

-- How the last run of each scheduled job went.
create table platform.job_runs (
  name text primary key,
  began_at timestamptz not null,
  -- Null: it is at work, or the program ended under it.
  ended_at timestamptz,
  -- What it failed with, without personal values; null where it went well.
  error text
);
