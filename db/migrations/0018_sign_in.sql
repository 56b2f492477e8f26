-- Signing in by a password, a second factor or the group's own identity provider; how often it may be tried; and when a
-- session last proved who it is.

create table access.passwords (
  staff_id uuid primary key,
  -- Argon2id with its parameters and salt, in the common text form.
  hash text not null,
  set_at timestamptz not null
);

-- One-time codes by time. Until the first code is right it is an offer and asked of nobody.
create table access.second_factors (
  staff_id uuid primary key,
  wrapped_key bytea not null,
  sealed bytea not null,
  begun_at timestamptz not null,
  confirmed_at timestamptz,
  -- The step of the last code that was right: no code opens twice.
  last_step bigint not null default 0
);

create table access.recovery_codes (
  staff_id uuid not null,
  code_hash uuid not null,
  used_at timestamptz,
  primary key (staff_id, code_hash)
);

-- Who the group's identity provider says somebody is.
create table access.identities (
  issuer text not null,
  subject text not null,
  staff_id uuid not null,
  linked_at timestamptz not null,
  primary key (issuer, subject)
);
create index identities_of_staff on access.identities (staff_id);

-- The first half of a sign-in is done, the second factor is awaited.
create table access.tickets (
  secret_hash bytea primary key,
  staff_id uuid not null,
  way text not null,
  expires_at timestamptz not null
);

-- Tries of an act against a subject, which is kept blind: a login, an address, a person.
create table access.tries (
  act text not null,
  subject uuid not null,
  count int not null,
  last_at timestamptz not null,
  -- No further try before.
  until timestamptz not null,
  primary key (act, subject)
);

alter table access.sessions add column way text not null default 'link'
  constraint sessions_way_known check (way in ('link', 'password', 'provider'));
-- When they last proved who they are, by signing in or once more since.
alter table access.sessions add column proved_at timestamptz;
-- The group wants a second factor of them: until then the session does nothing else.
alter table access.sessions add column must_enrol boolean not null default false;
-- A session that proves itself again gets a new secret; requests on their way still carry the one before.
alter table access.sessions add column former_hash bytea;
alter table access.sessions add column former_until timestamptz;
create index sessions_by_former on access.sessions (former_hash) where former_hash is not null;
