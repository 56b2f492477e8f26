-- To whom data is given, on which paper, and who was told of whom; consents that came by an import.

-- The register of recipients. A connector names one that is in force, or refuses.
create table privacy.recipients (
  id uuid primary key,
  name text not null,
  country text not null constraint recipients_country_shape check (country ~ '^[A-Z]{2}$'),
  purpose text not null,
  -- In the group's own words, as members read it beside the purpose.
  details text not null,
  basis text not null constraint recipients_basis_known check (basis in ('contract', 'consent', 'legal_duty', 'interest')),
  -- The connectors that may give to it.
  uses text[] not null,
  -- Where the paper lies, and the last day on which it holds; null: until it is ended.
  agreement text not null,
  agreement_until date,
  -- On what a transfer to another country stands.
  transfer text,
  changed_at timestamptz not null,
  actor text not null,
  ended_at timestamptz
);

-- Of whom a recipient has been told, and what. One row for each kind: the member reads it, and no history grows.
create table privacy.disclosures (
  member_id uuid not null,
  recipient_id uuid not null,
  what text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  times bigint not null,
  primary key (member_id, recipient_id, what)
);

-- Of what an import told: which one, and the first row of the person in it. An import that is undone takes it back.
alter table privacy.consents add column import_id uuid;
alter table privacy.consents add column import_row int;
alter table privacy.consents add column taken_back_at timestamptz;
create index consents_of_import on privacy.consents (import_id) where import_id is not null;
