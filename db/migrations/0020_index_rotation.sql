-- The key of the blind indexes can be changed. Beside each value that is kept as a keyed hash stands the number of the
-- key that it is kept under; what stands already is under the first.
create table platform.index_rotations (
  number int primary key,
  started_at timestamptz not null,
  finished_at timestamptz,
  -- Where it goes on: the index, and the page of its table.
  at text,
  page int not null default 0,
  moved bigint not null default 0,
  rows bigint not null
);
create unique index index_rotations_one_at_a_time on platform.index_rotations ((true)) where finished_at is null;

alter table members.identities add column blind_by smallint not null default 1, add column last_four_by smallint not null default 1;
alter table members.shared_values add column blind_by smallint not null default 1;
alter table members.record_keys add column record_key_by smallint not null default 1;
alter table members.records add column record_key_by smallint not null default 1, add column content_hash_by smallint not null default 1;
alter table members.past_versions add column content_hash_by smallint not null default 1;
alter table members.refusals add column blind_by smallint not null default 1;
alter table orders.order_keys add column order_key_by smallint not null default 1;
alter table orders.orders add column order_key_by smallint not null default 1, add column content_hash_by smallint not null default 1;
alter table centre.accounts add column phone_by smallint not null default 1;
alter table centre.codes add column phone_by smallint not null default 1, add column code_hash_by smallint not null default 1;
alter table centre.attempts add column subject_by smallint not null default 1;
alter table access.tries add column subject_by smallint not null default 1;
alter table access.recovery_codes add column code_hash_by smallint not null default 1;
-- The keys and hashes of what lies staged.
alter table imports.imports add column staged_by smallint not null default 1;
-- The keys by which candidates are found.
alter table matching.model add column keys_by smallint not null default 1;
alter table matching.keys add column keys_by smallint not null default 1;
