CREATE TABLE imports (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    mapping jsonb NOT NULL,
    row_count bigint NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    unchanged bigint NOT NULL,
    failed bigint NOT NULL,
    warnings bigint NOT NULL,
    fault text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX imports_created_at ON imports (created_at, id);

-- `cells` only of rows with errors: what is wrong is looked up here, what is right in the customer.
CREATE TABLE import_rows (
    id uuid PRIMARY KEY,
    import_id uuid NOT NULL REFERENCES imports (id),
    row_number bigint NOT NULL,
    outcome text NOT NULL,
    customer_id uuid REFERENCES customers (id),
    errors jsonb NOT NULL,
    cells jsonb NOT NULL
);

CREATE INDEX import_rows_import ON import_rows (import_id, row_number, id);
CREATE INDEX import_rows_outcome ON import_rows (import_id, outcome, row_number, id);
