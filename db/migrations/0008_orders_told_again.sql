-- Which imports told of an order in the words that stood already: undoing the import that brought it leaves it to them.

create table orders.told_again (
  member_id uuid not null,
  id uuid not null,
  import_id uuid not null,
  primary key (member_id, id, import_id)
);
create index told_again_by_import on orders.told_again (import_id, member_id, id);
