-- Webhooks: who is told of events, and each telling.

create schema webhooks;

-- What an endpoint may be told stands in access.grants, under its id, as for a key.
create table webhooks.endpoints (
  id uuid primary key,
  name text not null,
  url text not null,
  kinds text[] not null,
  -- To whom it belongs, on the register of recipients.
  recipient_id uuid not null,
  -- Sealed. While it is being changed the former one signs too.
  secret bytea,
  former_secret bytea,
  former_until timestamptz,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  actor text not null,
  paused_at timestamptz,
  pause_reason text constraint endpoints_reason_known check (pause_reason in ('by_hand', 'failing', 'gone', 'recipient')),
  -- Since the last that went well.
  failing_since timestamptz,
  failures int not null default 0,
  next_try_at timestamptz,
  last_sent_at timestamptz,
  -- Somebody sends to it until then, unless they are cut off: order is kept by one sender at a time.
  leased_until timestamptz,
  ended_at timestamptz
);

-- Belongs to the endpoint, not to the member: no act of a member reads it. Its rows are sent in the order of the log.
create table webhooks.deliveries (
  endpoint_id uuid not null,
  event_id uuid not null,
  generation int not null,
  xid xid8 not null,
  member_id uuid,
  type text not null,
  state text not null constraint deliveries_state_known check (state in ('waiting', 'sent', 'refused', 'dropped')),
  attempts int not null default 0,
  -- What is sent, sealed; it is not made anew, so that a repetition says the same.
  sealed bytea not null,
  -- What came of the last try: the status that was answered, or why there was none.
  status int,
  problem text,
  event_at timestamptz not null,
  created_at timestamptz not null,
  tried_at timestamptz,
  primary key (endpoint_id, event_id)
);
create index deliveries_waiting on webhooks.deliveries (endpoint_id, generation, xid, event_id) where state = 'waiting';
create index deliveries_of_endpoint on webhooks.deliveries (endpoint_id, created_at, event_id);
create index deliveries_by_age on webhooks.deliveries (created_at);
create index deliveries_of_member on webhooks.deliveries (member_id);
