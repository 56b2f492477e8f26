-- The tree of the group: companies and their stores.

create schema organisation;

create table organisation.companies (
  id int generated always as identity primary key,
  code text not null constraint companies_code_once unique
    constraint companies_code_shape check (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  name text not null,
  created_at timestamptz not null
);

-- A store is a channel of the kind `store`; its code and its name stand there.
create table organisation.stores (
  channel_id int primary key,
  company_id int not null constraint stores_company_known references organisation.companies,
  city text not null,
  created_at timestamptz not null
);
create index stores_of_company on organisation.stores (company_id);
