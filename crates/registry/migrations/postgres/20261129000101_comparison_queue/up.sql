-- A row for each change: one that is kept already says nothing of a change that commits after it was taken.
ALTER TABLE duplicate_queue DROP CONSTRAINT duplicate_queue_pkey;
ALTER TABLE duplicate_queue ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;

CREATE INDEX duplicate_queue_customer ON duplicate_queue (customer_id);
