-- Changes of the master key. From its beginning the new key opens everything: the former one is kept here, wrapped by it,
-- until every home's key is wrapped anew.
create table platform.vault_rotations (
  id uuid primary key,
  -- Which key wraps from then on, told without telling anything of the key.
  key_id bytea not null,
  former bytea,
  started_at timestamptz not null,
  finished_at timestamptz,
  -- The last home that was wrapped anew.
  after_home uuid,
  rewrapped bigint not null default 0,
  homes bigint not null
);
create unique index vault_rotations_one_at_a_time on platform.vault_rotations ((true)) where finished_at is null;
