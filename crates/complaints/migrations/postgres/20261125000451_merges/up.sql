-- Which customers were merged into which, as the registry told; null for one that is itself again.
CREATE TABLE merged_customers (
    customer_id uuid PRIMARY KEY,
    into_id uuid,
    sequence bigint NOT NULL
);

CREATE INDEX merged_customers_into ON merged_customers (into_id);

-- What was moved to where its customer was merged into, and whose it was at first, so that undoing finds exactly these.
CREATE TABLE moved_complaints (
    complaint_id uuid PRIMARY KEY REFERENCES complaints (id),
    origin_id uuid NOT NULL
);

CREATE INDEX moved_complaints_origin ON moved_complaints (origin_id);
