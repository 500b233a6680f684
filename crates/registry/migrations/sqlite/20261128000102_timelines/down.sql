DROP INDEX merges_merged;
