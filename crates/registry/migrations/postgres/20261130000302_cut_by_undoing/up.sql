-- How much referred from one of the two customers to the other's when the merge was undone, and was cut.
ALTER TABLE merges ADD COLUMN cut jsonb;
