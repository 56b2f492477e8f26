-- Deciding about pairs: one answer is one act, which can be taken back whole; and words about values that many people use.

-- The act of staff that a decision belongs to; null where the program decided by itself.
alter table members.decisions add column act uuid;
-- The two records that somebody looked at. Only these teach the weights; the others follow from whose they are.
alter table members.decisions add column judged boolean not null default false;
update members.decisions set act = id where kind <> 'match' and (actor like 'staff:%' or actor like 'key:%');
update members.decisions d set judged = true where kind in ('join', 'apart')
  and exists (select from members.reviews r where r.member_a = d.member_a and r.member_b = d.member_b and r.kind = 'match' and r.closed_at is not null);
create index decisions_of_act on members.decisions (act) where act is not null;
create index decisions_judged on members.decisions (member_a, member_b) where judged;

-- The answer that closed a question or put it off.
alter table members.reviews add column answered_by uuid;
create index reviews_answered on members.reviews (answered_by) where answered_by is not null;
-- The strongest evidence first, a page at a time.
create index reviews_by_score on members.reviews (score desc nulls last, found_at desc, member_a, member_b, kind) where closed_at is null;

-- What the group says of a value that several people carry: it joins nobody (`shared`), or it joins in spite of how many
-- names use it (`personal`). The value itself is a keyed hash.
create table members.value_words (
  blind uuid primary key,
  kind text not null,
  word text not null constraint value_words_known check (word in ('shared', 'personal')),
  reason text not null,
  actor text not null,
  said_at timestamptz not null
);
