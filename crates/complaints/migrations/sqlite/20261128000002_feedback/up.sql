-- The queue to the customers: what may be claimed has `available_at`, from when on; what is settled has none.
ALTER TABLE messages ADD COLUMN step TEXT NOT NULL DEFAULT 'opened';
ALTER TABLE messages ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN available_at INTEGER;
ALTER TABLE messages ADD COLUMN failure TEXT;
ALTER TABLE messages ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET available_at = created_at, updated_at = created_at;
CREATE INDEX messages_queue ON messages (channel, available_at) WHERE available_at IS NOT NULL;

-- What is said at which step, where the company says it in its own words.
CREATE TABLE message_templates (
    step TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (step, language)
);

-- One for each message that asks for it; `digest` is the SHA-256, in hex, of what the latest link has.
CREATE TABLE ratings (
    message_id BLOB PRIMARY KEY NOT NULL REFERENCES messages (id),
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    digest TEXT UNIQUE,
    expires_at INTEGER,
    attitude SMALLINT,
    result SMALLINT,
    comment TEXT,
    rated_at INTEGER
);

CREATE INDEX ratings_complaint ON ratings (complaint_id);
CREATE INDEX ratings_rated ON ratings (rated_at) WHERE rated_at IS NOT NULL;

ALTER TABLE courses ADD COLUMN follow_up_due_at INTEGER;
ALTER TABLE closure_rules ADD COLUMN follow_up_days SMALLINT;
UPDATE closure_rules SET follow_up_days = 14;
ALTER TABLE intakes ADD COLUMN preferred_channel TEXT;
