ALTER TABLE customer_external_ids DROP COLUMN freshness;
