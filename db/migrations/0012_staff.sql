-- Who works here, what they may do, and where: staff, own roles, grants with a scope; and which part of the
-- organisation a member belongs to.

create table access.staff (
  id uuid primary key,
  -- What they sign in by; an e-mail address or a word of the group's own.
  login text not null,
  name text not null,
  created_at timestamptz not null,
  -- They left: nobody signs in by it any more, and the login is free for another.
  left_at timestamptz
);
create unique index staff_login_once on access.staff (lower(login)) where left_at is null;

-- Roles of the group's own. Built-in ones are in the program; a row of the same code stands in their place.
create table access.roles (
  code text primary key constraint roles_code_shape check (code ~ '^[a-z][a-z0-9-]{0,39}$'),
  name text not null,
  permissions text[] not null,
  changed_at timestamptz not null,
  changed_by text not null
);

-- One role in one part of the organisation. A person may hold several; what ended stays as history.
create table access.grants (
  id uuid primary key,
  -- A member of staff, or an API key.
  holder_id uuid not null,
  role text not null,
  scope text not null constraint grants_scope_known check (scope in ('group', 'company', 'store', 'own')),
  company_id int,
  channel_id int,
  given_at timestamptz not null,
  given_by text not null,
  ended_at timestamptz,
  ended_by text,
  constraint grants_place_fits check (
    (scope = 'company') = (company_id is not null) and (scope = 'store') = (channel_id is not null))
);
create unique index grants_once on access.grants (holder_id, role, scope, coalesce(company_id, 0), coalesce(channel_id, 0))
  where ended_at is null;
create index grants_of_role on access.grants (role) where ended_at is null;

alter table access.sessions add column staff_id uuid;
-- Looking at the console as somebody else, who may not act.
alter table access.sessions add column seen_as uuid;
alter table access.sessions add column address text;
alter table access.sessions add column agent text;
alter table access.sessions add column last_seen_at timestamptz;
alter table access.sign_in_links add column staff_id uuid;
alter table access.api_keys add column expires_at timestamptz;

-- Until now links and sessions were the administrator's, and a key had one of three roles over the whole group.
insert into access.staff (id, login, name, created_at)
  select gen_random_uuid(), 'administrator', 'Administrator', now() where exists (select from access.sign_in_links);
insert into access.grants (id, holder_id, role, scope, given_at, given_by)
  select gen_random_uuid(), id, 'administrator', 'group', now(), 'migration' from access.staff;
insert into access.grants (id, holder_id, role, scope, given_at, given_by)
  select gen_random_uuid(), id, case role when 'operator' then 'marketer' when 'viewer' then 'auditor' else role end, 'group', created_at, 'migration'
  from access.api_keys where ended_at is null;
update access.sign_in_links set staff_id = (select id from access.staff);
update access.sessions set staff_id = (select id from access.staff);
alter table access.sign_in_links alter column staff_id set not null, drop column name, drop column role;
alter table access.sessions alter column staff_id set not null, drop column name, drop column role;
alter table access.api_keys drop column role;
create index sessions_of_staff on access.sessions (staff_id);

-- Channels that are no store (website, account) and belong to a company of the group.
create table organisation.company_channels (
  channel_id int primary key,
  company_id int not null constraint company_channels_company_known references organisation.companies
);

-- Where a store stood, and until when.
create table organisation.store_moves (
  channel_id int not null,
  company_id int not null,
  until timestamptz not null,
  primary key (channel_id, until)
);

-- Stores that a member belongs to beyond the records that came by them: their home store, and whoever serves them.
create table members.relations (
  member_id uuid not null,
  id uuid not null,
  kind text not null constraint relations_kind_known check (kind in ('home', 'served')),
  channel_id int not null,
  -- Of whom a member of staff is in charge.
  staff_id uuid,
  since timestamptz not null,
  until timestamptz,
  actor text not null,
  reason text not null,
  primary key (member_id, id)
);
create unique index relations_once on members.relations (member_id, kind, channel_id, coalesce(staff_id, '00000000-0000-0000-0000-000000000000'))
  where until is null;
create index relations_of_channel on members.relations (channel_id, member_id) where until is null;
create index relations_of_staff on members.relations (staff_id, member_id) where until is null;
