-- What staff keep of their own on the desk: views of a page, which are its filters and columns under a name.

create schema desk;

create table desk.views (
  -- Id of who keeps it: staff, an API key, or the owner of the data folder by the command line.
  owner_id text not null,
  id uuid not null,
  name text not null,
  page text not null,
  -- Filters and columns, as the page's contract describes them; read and written through it.
  definition jsonb not null,
  -- What was searched for, which may be a person's name or number.
  sealed_search bytea,
  created_at timestamptz not null,
  primary key (owner_id, id),
  -- One would not know which of two is which.
  constraint views_name_once_a_person unique (owner_id, name)
);

-- A channel's records, newest first: the list of its members walks them instead of everybody.
create index records_of_channel on members.records (channel_id, member_id desc) where withdrawn_at is null;
