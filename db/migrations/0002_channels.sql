-- Where people come from: stores, websites, OTAs, the ERP, partners, WeChat accounts.

create schema channels;

create table channels.channels (
  id int generated always as identity primary key,
  code text not null constraint channels_code_once unique
    constraint channels_code_shape check (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  kind text not null constraint channels_kind_known check (kind in ('store', 'website', 'ota', 'erp', 'account', 'partner')),
  name text not null,
  -- Phones that come by a trusted channel join records without having been verified (PRODUCT A2).
  trusts_phones boolean not null,
  created_at timestamptz not null
);
