-- X'0C' is `{}` in SQLite's JSONB; the default of an added column must be a constant.
ALTER TABLE customer_external_ids ADD COLUMN freshness BLOB NOT NULL DEFAULT X'0C';
