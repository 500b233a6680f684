DROP INDEX outbox_next;
ALTER TABLE outbox DROP COLUMN lane;
