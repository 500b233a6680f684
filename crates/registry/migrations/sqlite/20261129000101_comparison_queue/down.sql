CREATE TABLE old_duplicate_queue (customer_id BLOB PRIMARY KEY NOT NULL) WITHOUT ROWID;

INSERT INTO old_duplicate_queue SELECT DISTINCT customer_id FROM duplicate_queue;

DROP TABLE duplicate_queue;
ALTER TABLE old_duplicate_queue RENAME TO duplicate_queue;
