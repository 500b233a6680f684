-- After a merge of two customers one vendor may be there twice: a person says so, and what is recorded of the one counts for
-- the other.
ALTER TABLE vendors ADD COLUMN same_as BLOB REFERENCES vendors (id);
