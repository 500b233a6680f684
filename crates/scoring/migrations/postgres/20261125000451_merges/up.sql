-- Which customers were merged into which, as the registry told; null for one that is itself again.
CREATE TABLE merged_customers (
    customer_id uuid PRIMARY KEY,
    into_id uuid,
    sequence bigint NOT NULL
);

CREATE INDEX merged_customers_into ON merged_customers (into_id);
