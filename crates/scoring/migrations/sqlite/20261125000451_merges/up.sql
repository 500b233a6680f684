-- Which customers were merged into which, as the registry told; null for one that is itself again.
CREATE TABLE merged_customers (
    customer_id BLOB PRIMARY KEY NOT NULL,
    into_id BLOB,
    sequence BIGINT NOT NULL
);

CREATE INDEX merged_customers_into ON merged_customers (into_id);
