CREATE TABLE imports (
    id BLOB PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    mapping BLOB NOT NULL,
    row_count BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    by_channel BLOB NOT NULL,
    actor TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    version BIGINT NOT NULL
);

-- `cells` only of refused rows: what was kept is looked up in the complaint.
CREATE TABLE import_rows (
    id BLOB PRIMARY KEY NOT NULL,
    import_id BLOB NOT NULL REFERENCES imports (id),
    row_number BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    complaint_id BLOB REFERENCES complaints (id),
    errors BLOB NOT NULL,
    cells BLOB NOT NULL
);

CREATE INDEX import_rows_import ON import_rows (import_id, row_number, id);
CREATE INDEX import_rows_outcome ON import_rows (import_id, outcome, row_number, id);
