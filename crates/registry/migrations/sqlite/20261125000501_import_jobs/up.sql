ALTER TABLE imports ADD COLUMN dry_run BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE imports ADD COLUMN format TEXT NOT NULL DEFAULT 'csv';
ALTER TABLE imports ADD COLUMN charset TEXT;
ALTER TABLE imports ADD COLUMN total_rows BIGINT;
ALTER TABLE imports ADD COLUMN reverted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN kept BIGINT NOT NULL DEFAULT 0;

-- A customer of an import that is taken back is gone; what was done to it is not. SQLite drops no constraint by itself.
CREATE TABLE import_rows_new (
    id BLOB PRIMARY KEY NOT NULL,
    import_id BLOB NOT NULL REFERENCES imports (id),
    row_number BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    customer_id BLOB,
    errors BLOB NOT NULL,
    cells BLOB NOT NULL
);
INSERT INTO import_rows_new SELECT id, import_id, row_number, outcome, customer_id, errors, cells FROM import_rows;
DROP TABLE import_rows;
ALTER TABLE import_rows_new RENAME TO import_rows;
CREATE INDEX import_rows_import ON import_rows (import_id, row_number, id);

CREATE TABLE import_pieces (
    import_id BLOB NOT NULL,
    number BIGINT NOT NULL,
    content BLOB NOT NULL,
    stored_at INTEGER NOT NULL,
    PRIMARY KEY (import_id, number)
);

CREATE TABLE import_jobs (
    import_id BLOB PRIMARY KEY NOT NULL REFERENCES imports (id),
    actor TEXT NOT NULL,
    traceparent TEXT,
    how BLOB NOT NULL,
    phase TEXT NOT NULL,
    position BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    cancelled BOOLEAN NOT NULL,
    lease BLOB,
    leased_until INTEGER
);

CREATE TABLE import_undo (
    import_id BLOB NOT NULL REFERENCES imports (id),
    customer_id BLOB NOT NULL,
    before BLOB NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (import_id, customer_id)
) WITHOUT ROWID;
