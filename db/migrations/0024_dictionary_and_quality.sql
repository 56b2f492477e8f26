-- What the fields may say and how it was spelled; and how good the member pool is.

create schema dictionary;

-- A field as the group, or for a field of its own a company, describes it: its allowed values with their names and
-- spellings. Fields of the program without a row are as the program describes them.
create table dictionary.fields (
  -- Null: the whole group's.
  company_id int,
  field text not null,
  -- As the contract describes it; written and read through it.
  definition jsonb not null,
  version int not null,
  changed_at timestamptz not null,
  changed_by text not null,
  constraint fields_once unique nulls not distinct (company_id, field)
);

-- Where somebody is said to come from is a word of the dictionary. `filled` has a bit for each field that says
-- something (members/findings.ts), `filled_custom` the custom ones; `wrong` what can't be right. None of them is a value.
-- Null in `filled`: written before it was kept; the first survey fills it in.
alter table members.profiles
  add column source text,
  add column filled int,
  add column filled_custom text,
  add column wrong text;

create index profiles_to_fill on members.profiles (member_id) where filled is null;

create schema quality;

-- One walk through all records, which counts how the values of dictionary fields are spelled. The newest that is done
-- is read; it goes on by the clock and when asked for.
create table quality.surveys (
  id uuid primary key,
  state text not null constraint surveys_state_known check (state in ('running', 'done', 'failed')),
  looked int not null default 0,
  total int not null default 0,
  began_at timestamptz not null,
  ended_at timestamptz
);

-- Spellings of one field by one channel with how often each stands there: sealed, because what people wrote into a
-- field may be anything.
create table quality.spellings (
  survey_id uuid not null references quality.surveys on delete cascade,
  channel_id int not null,
  field text not null,
  sealed bytea not null,
  primary key (survey_id, channel_id, field)
);

-- How good the members of a place were on a day: `group`, `company:ID`, `channel:ID` or `staff:ID`.
create table quality.days (
  day date not null,
  place text not null,
  -- {members, filled: {field: n}, wrong: {field:code: n}}
  figures jsonb not null,
  primary key (place, day)
);

-- What is done to many records at once: a spelling becomes a value, a value is set or cleared.
create table quality.mendings (
  id uuid primary key,
  kind text not null constraint mendings_kind_known check (kind in ('map', 'set', 'clear')),
  subject text not null constraint mendings_subject_known check (subject in ('records', 'orders')),
  field text not null,
  -- Null: of the whole group.
  company_id int,
  -- Spellings and values; what is set may be a personal value.
  sealed bytea not null,
  state text not null constraint mendings_state_known check (state in ('running', 'done', 'stopped', 'undoing', 'undone')),
  -- Where it goes on: everything up to here was looked at.
  after uuid,
  looked int not null default 0,
  changed int not null default 0,
  undone int not null default 0,
  total int not null default 0,
  reason text not null,
  actor text not null,
  actor_scope jsonb not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index mendings_by_time on quality.mendings (created_at);

-- What a mending changed, with the version that it wrote, so that it can be taken back where nothing newer was said.
create table quality.mended (
  member_id uuid not null,
  mending_id uuid not null,
  -- The home of the record, or the order.
  subject_id uuid not null,
  version int not null,
  primary key (member_id, mending_id, subject_id)
);
create index mended_of_mending on quality.mended (mending_id, subject_id);

-- Records that were chosen for a mending; those of a dictionary are found by what they say.
create table quality.chosen (
  member_id uuid not null,
  mending_id uuid not null,
  primary key (member_id, mending_id)
);
create index chosen_of_mending on quality.chosen (mending_id, member_id);
