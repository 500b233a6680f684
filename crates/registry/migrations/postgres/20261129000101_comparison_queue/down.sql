DROP INDEX duplicate_queue_customer;

DELETE FROM duplicate_queue AS later USING duplicate_queue AS first
WHERE first.customer_id = later.customer_id AND first.position < later.position;

ALTER TABLE duplicate_queue DROP COLUMN position;
ALTER TABLE duplicate_queue ADD PRIMARY KEY (customer_id);
