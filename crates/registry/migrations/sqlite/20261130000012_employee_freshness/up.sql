-- How new each field is that records with a clock have told of him. X'0C' is `{}` in SQLite's JSONB.
ALTER TABLE employees ADD COLUMN freshness BLOB NOT NULL DEFAULT X'0C';
