-- What the group has chosen about exports: one row.
create table exports.rules (
  name text primary key,
  value jsonb not null,
  changed_at timestamptz not null
);
