CREATE TABLE imports (
    id uuid PRIMARY KEY,
    state text NOT NULL,
    reason text,
    mapping jsonb NOT NULL,
    row_count bigint NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    unchanged bigint NOT NULL,
    refused bigint NOT NULL,
    by_channel jsonb NOT NULL,
    actor text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    version bigint NOT NULL
);

-- `cells` only of refused rows: what was kept is looked up in the complaint.
CREATE TABLE import_rows (
    id uuid PRIMARY KEY,
    import_id uuid NOT NULL REFERENCES imports (id),
    row_number bigint NOT NULL,
    outcome text NOT NULL,
    complaint_id uuid REFERENCES complaints (id),
    errors jsonb NOT NULL,
    cells jsonb NOT NULL
);

CREATE INDEX import_rows_import ON import_rows (import_id, row_number, id);
CREATE INDEX import_rows_outcome ON import_rows (import_id, outcome, row_number, id);
