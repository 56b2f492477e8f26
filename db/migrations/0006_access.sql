-- Who may come in. Secrets are kept as hashes only.

create schema access;

create table access.api_keys (
  id uuid primary key,
  name text not null,
  role text not null,
  secret_hash bytea not null constraint api_keys_secret_once unique,
  created_at timestamptz not null,
  last_used_at timestamptz,
  ended_at timestamptz
);

create table access.sign_in_links (
  secret_hash bytea primary key,
  name text not null,
  role text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table access.sessions (
  secret_hash bytea primary key,
  id uuid not null,
  name text not null,
  role text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
