-- What a member bought, as each channel told it.

create schema orders;

create table orders.orders (
  member_id uuid not null,
  id uuid not null,
  channel_id int not null,
  -- The channel's own number; null where it gives none.
  number text,
  order_key uuid not null,
  content_hash uuid not null,
  ordered_at timestamptz not null,
  -- Smallest unit of the currency; a return is negative.
  amount_minor bigint not null,
  currency char(3) not null,
  status text not null constraint orders_status_known check (status in ('pending', 'paid', 'cancelled', 'refunded')),
  payment_method text,
  refunded_minor bigint not null default 0,
  -- [{product, quantity, amountMinor}]
  lines jsonb not null,
  version int not null default 1,
  import_id uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (member_id, id)
);
create index orders_of_import on orders.orders (import_id, order_key) where import_id is not null;

create table orders.past_versions (
  member_id uuid not null,
  id uuid not null,
  version int not null,
  import_id uuid,
  before jsonb not null,
  primary key (member_id, id, version)
);

create index past_orders_of_import on orders.past_versions (import_id) where import_id is not null;

-- Look-up: which order a row is.
create table orders.order_keys (
  order_key uuid primary key,
  member_id uuid not null,
  id uuid not null
);
