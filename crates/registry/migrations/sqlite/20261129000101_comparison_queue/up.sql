-- A row for each change, as on PostgreSQL.
CREATE TABLE new_duplicate_queue (
    position INTEGER PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL
);

INSERT INTO new_duplicate_queue (customer_id) SELECT customer_id FROM duplicate_queue;

DROP TABLE duplicate_queue;
ALTER TABLE new_duplicate_queue RENAME TO duplicate_queue;

CREATE INDEX duplicate_queue_customer ON duplicate_queue (customer_id);
