-- The member centre: signing in by a code, cards, what members say of themselves.

create schema centre;
