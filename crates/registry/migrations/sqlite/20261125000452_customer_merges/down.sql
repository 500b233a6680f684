DROP TABLE merge_moves;
DROP TABLE merges;
DROP INDEX customers_merged_into;
ALTER TABLE customers DROP COLUMN merged_into;
