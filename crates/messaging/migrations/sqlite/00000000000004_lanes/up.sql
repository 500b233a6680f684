-- Events of acts in bulk (1) wait behind those of single acts (0).
ALTER TABLE outbox ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_next ON outbox (lane, position);
