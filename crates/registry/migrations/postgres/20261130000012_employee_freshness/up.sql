-- How new each field is that records with a clock have told of him.
ALTER TABLE employees ADD COLUMN freshness jsonb NOT NULL DEFAULT '{}';
