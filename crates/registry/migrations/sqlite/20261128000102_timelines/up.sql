-- What a customer was merged into, also once that was undone.
CREATE INDEX merges_merged ON merges (merged_id, merged_at, id);
