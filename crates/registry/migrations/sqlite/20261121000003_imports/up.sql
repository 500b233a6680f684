CREATE TABLE imports (
    id BLOB PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    mapping BLOB NOT NULL,
    row_count BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    warnings BIGINT NOT NULL,
    fault TEXT,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX imports_created_at ON imports (created_at, id);

-- `cells` only of rows with errors: what is wrong is looked up here, what is right in the customer.
CREATE TABLE import_rows (
    id BLOB PRIMARY KEY NOT NULL,
    import_id BLOB NOT NULL REFERENCES imports (id),
    row_number BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    customer_id BLOB REFERENCES customers (id),
    errors BLOB NOT NULL,
    cells BLOB NOT NULL
);

CREATE INDEX import_rows_import ON import_rows (import_id, row_number, id);
CREATE INDEX import_rows_outcome ON import_rows (import_id, outcome, row_number, id);
