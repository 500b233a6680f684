ALTER TABLE customer_external_ids ADD COLUMN freshness jsonb NOT NULL DEFAULT '{}';
