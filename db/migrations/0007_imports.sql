-- Files on their way into the member pool.

create schema imports;

create table imports.imports (
  id uuid primary key,
  state text not null constraint imports_state_known check (state in
    ('uploading', 'mapping', 'staging', 'staged', 'applying', 'paused', 'done', 'undoing', 'undone', 'failed', 'cancelled')),
  file_name text not null,
  channel_id int not null,
  kind text not null constraint imports_kind_known check (kind in ('members', 'orders')),
  origin text not null constraint imports_origin_known check (origin in ('import', 'live')),
  -- SHA-256 of the file: the same command finds an import that stopped in the middle.
  content_hash bytea,
  file jsonb,
  -- Columns with samples, and the cleaning report with examples: personal, so sealed.
  sealed_columns bytea,
  sealed_report bytea,
  mapping_remembered boolean not null default false,
  counts jsonb,
  progress jsonb,
  error jsonb,
  -- Staging is done again from nothing after a new mapping; rows of an older staging are not read.
  staging int not null default 0,
  work_milliseconds bigint not null default 0,
  actor text not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index imports_by_time on imports.imports (created_at);
create index imports_by_content on imports.imports (content_hash) where content_hash is not null;

-- Cleaned rows, sealed, in the order of what they are about: all rows of one record or order stand together, and
-- look-ups that are keyed alike are written in their own order. Gone once they are applied.
create table imports.rows (
  import_id uuid not null,
  staging int not null,
  row_key uuid not null,
  row_number int not null,
  -- What the row says, as a keyed hash: rows equal to what stands already are found without opening them.
  content_hash uuid not null,
  sealed bytea not null,
  primary key (import_id, staging, row_key, row_number)
);

-- Staged rows are applied in lanes, each a range of keys; where a lane goes on: nothing behind `applied_key` has been
-- applied yet.
create table imports.lanes (
  import_id uuid not null,
  lane smallint not null,
  applied_key uuid not null,
  last_key uuid not null,
  primary key (import_id, lane)
);

-- Rejected rows with their reason, as they came, sealed; read for the error file only.
create table imports.rejected (
  import_id uuid not null,
  staging int not null,
  row_number int not null,
  sealed bytea not null,
  primary key (import_id, staging, row_number)
);

-- Homes that the rows of an import belong to, changed or not.
create table imports.touched (
  import_id uuid not null,
  member_id uuid not null,
  primary key (import_id, member_id)
);

-- The mapping that was last used for files of a channel with these columns.
create table imports.mappings (
  channel_id int not null,
  kind text not null,
  columns_hash bytea not null,
  mapping jsonb not null,
  used_at timestamptz not null,
  primary key (channel_id, kind, columns_hash)
);
