-- Staged rows lie in blocks: those of a bucket, whose keys begin alike, sealed together. A row for each was a third of
-- what an import cost. What lies staged is staged anew, from the file that is kept until it is applied.
drop table imports.rows;
delete from imports.lanes;
update imports.imports set state = 'mapping', counts = null, progress = null, sealed_report = null where state in ('staged', 'paused');

create table imports.blocks (
  import_id uuid not null,
  staging int not null,
  -- Number that the keys of its rows begin with: it and those up to the next bucket.
  bucket smallint not null,
  row_keys uuid[] not null,
  row_numbers int[] not null,
  -- What each row says, as a keyed hash: rows equal to what stands already are found without opening them.
  content_hashes uuid[] not null,
  -- The payloads as one JSON array, in the order of the keys.
  sealed bytea not null
);
-- What is sealed does not grow smaller.
alter table imports.blocks alter column sealed set storage external;
create index blocks_by_bucket on imports.blocks (import_id, staging, bucket);
