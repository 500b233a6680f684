ALTER TABLE imports ADD COLUMN dry_run boolean NOT NULL DEFAULT false;
ALTER TABLE imports ADD COLUMN format text NOT NULL DEFAULT 'csv';
ALTER TABLE imports ADD COLUMN charset text;
ALTER TABLE imports ADD COLUMN total_rows bigint;
ALTER TABLE imports ADD COLUMN reverted bigint NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN kept bigint NOT NULL DEFAULT 0;

-- A customer of an import that is taken back is gone; what was done to it is not. And rows by outcome are few enough to be
-- found by their import: each index costs every row of every file.
ALTER TABLE import_rows DROP CONSTRAINT import_rows_customer_id_fkey;
DROP INDEX import_rows_outcome;

-- The file as it was sent, until its rows are dealt with: whichever replica goes on finds it here.
CREATE TABLE import_pieces (
    import_id uuid NOT NULL,
    number bigint NOT NULL,
    content bytea NOT NULL,
    stored_at timestamptz NOT NULL,
    PRIMARY KEY (import_id, number)
);

-- What is to be done, or being done by whoever holds the lease. `position` is the last row of the file dealt with.
CREATE TABLE import_jobs (
    import_id uuid PRIMARY KEY REFERENCES imports (id),
    actor text NOT NULL,
    traceparent text,
    how jsonb NOT NULL,
    phase text NOT NULL,
    position bigint NOT NULL,
    attempts integer NOT NULL,
    cancelled boolean NOT NULL,
    lease uuid,
    leased_until timestamptz
);

-- What customers were before the import changed them, and the version it left them with.
CREATE TABLE import_undo (
    import_id uuid NOT NULL REFERENCES imports (id),
    customer_id uuid NOT NULL,
    before jsonb NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (import_id, customer_id)
);
