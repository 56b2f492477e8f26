-- The tree of the group: companies and their stores.

create schema organisation;
