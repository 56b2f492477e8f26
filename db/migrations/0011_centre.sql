-- The member centre: signing in by a code, cards, what members say of themselves.

create schema centre;

-- Who signs in: one row for each record that came by the centre, under its home. Several may hold one phone, one after
-- another; the newest is in force.
create table centre.accounts (
  member_id uuid primary key,
  -- Blind index of the phone.
  phone uuid not null,
  -- The external id of its source record in the centre's channel.
  external_id uuid not null,
  -- Twelve digits on the card, said aloud and typed by hand.
  number bigint not null constraint accounts_number_once unique,
  -- When a code, and where it was asked the second fact, last proved that the person holds the phone.
  confirmed_at timestamptz not null,
  language text,
  created_at timestamptz not null
);
create index accounts_of_phone on centre.accounts (phone, created_at desc);

create table centre.sessions (
  secret_hash bytea primary key,
  member_id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index sessions_of_member on centre.sessions (member_id);

-- The newest code of a phone, as a keyed hash. A row is kept after use, so that the next code waits its minute.
create table centre.codes (
  phone uuid primary key,
  id uuid not null,
  code_hash uuid not null,
  tries int not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- How often something was tried in a stretch of time; subjects are blind.
create table centre.attempts (
  act text not null,
  subject uuid not null,
  since timestamptz not null,
  count int not null,
  primary key (act, subject, since)
);

-- Messages on their way. What was to be sent is sealed, and gone once the outcome is known.
create table centre.deliveries (
  id uuid primary key,
  state text not null constraint deliveries_state_known
    check (state in ('waiting', 'sending', 'sent', 'refused', 'unknown', 'too_late')),
  provider text not null,
  sealed bytea,
  created_at timestamptz not null,
  good_until timestamptz not null,
  claimed_at timestamptz,
  ended_at timestamptz
);
create index deliveries_by_age on centre.deliveries (created_at);

-- What the stand-in for an SMS provider has "sent".
create table centre.sandbox_sms (
  id uuid primary key,
  sealed bytea not null,
  sent_at timestamptz not null
);
create index sandbox_sms_by_age on centre.sandbox_sms (sent_at);
