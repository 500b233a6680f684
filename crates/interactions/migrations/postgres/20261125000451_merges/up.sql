-- Which customers were merged into which, as the registry told; null for one that is itself again.
CREATE TABLE merged_customers (
    customer_id uuid PRIMARY KEY,
    into_id uuid,
    sequence bigint NOT NULL
);

CREATE INDEX merged_customers_into ON merged_customers (into_id);

-- What was moved to where its customer was merged into, and whose it was at first, so that undoing finds exactly these.
CREATE TABLE moved_interactions (
    interaction_id uuid PRIMARY KEY REFERENCES interactions (id),
    origin_id uuid NOT NULL
);

CREATE INDEX moved_interactions_origin ON moved_interactions (origin_id);
