ALTER TABLE customer_external_ids
    ALTER COLUMN system TYPE text COLLATE "default",
    ALTER COLUMN external_id TYPE text COLLATE "default";
DROP TABLE arrivals;
