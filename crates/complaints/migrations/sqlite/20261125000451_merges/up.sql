-- Which customers were merged into which, as the registry told; null for one that is itself again.
CREATE TABLE merged_customers (
    customer_id BLOB PRIMARY KEY NOT NULL,
    into_id BLOB,
    sequence BIGINT NOT NULL
);

CREATE INDEX merged_customers_into ON merged_customers (into_id);

-- What was moved to where its customer was merged into, and whose it was at first, so that undoing finds exactly these.
CREATE TABLE moved_complaints (
    complaint_id BLOB PRIMARY KEY NOT NULL REFERENCES complaints (id),
    origin_id BLOB NOT NULL
);

CREATE INDEX moved_complaints_origin ON moved_complaints (origin_id);
