DROP TABLE import_undo;
DROP TABLE import_jobs;
DROP TABLE import_pieces;
CREATE TABLE import_rows_old (
    id BLOB PRIMARY KEY NOT NULL,
    import_id BLOB NOT NULL REFERENCES imports (id),
    row_number BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    customer_id BLOB REFERENCES customers (id),
    errors BLOB NOT NULL,
    cells BLOB NOT NULL
);
INSERT INTO import_rows_old
SELECT id, import_id, row_number, outcome,
       CASE WHEN customer_id IN (SELECT id FROM customers) THEN customer_id END, errors, cells
FROM import_rows;
DROP TABLE import_rows;
ALTER TABLE import_rows_old RENAME TO import_rows;
CREATE INDEX import_rows_import ON import_rows (import_id, row_number, id);
CREATE INDEX import_rows_outcome ON import_rows (import_id, outcome, row_number, id);
ALTER TABLE imports DROP COLUMN kept;
ALTER TABLE imports DROP COLUMN reverted;
ALTER TABLE imports DROP COLUMN total_rows;
ALTER TABLE imports DROP COLUMN charset;
ALTER TABLE imports DROP COLUMN format;
ALTER TABLE imports DROP COLUMN dry_run;
