-- The queue to the customers: what may be claimed has `available_at`, from when on; what is settled has none.
ALTER TABLE messages ADD COLUMN step text NOT NULL DEFAULT 'opened';
ALTER TABLE messages ADD COLUMN attempts integer NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN available_at timestamptz;
ALTER TABLE messages ADD COLUMN failure text;
ALTER TABLE messages ADD COLUMN updated_at timestamptz NOT NULL DEFAULT 'epoch';
UPDATE messages SET available_at = created_at, updated_at = created_at;
CREATE INDEX messages_queue ON messages (channel, available_at) WHERE available_at IS NOT NULL;

-- What is said at which step, where the company says it in its own words.
CREATE TABLE message_templates (
    step text NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    enabled boolean NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    PRIMARY KEY (step, language)
);

-- One for each message that asks for it; `digest` is the SHA-256, in hex, of what the latest link has.
CREATE TABLE ratings (
    message_id uuid PRIMARY KEY REFERENCES messages (id),
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    digest text UNIQUE,
    expires_at timestamptz,
    attitude smallint,
    result smallint,
    comment text,
    rated_at timestamptz
);

CREATE INDEX ratings_complaint ON ratings (complaint_id);
CREATE INDEX ratings_rated ON ratings (rated_at) WHERE rated_at IS NOT NULL;

ALTER TABLE courses ADD COLUMN follow_up_due_at timestamptz;
ALTER TABLE closure_rules ADD COLUMN follow_up_days smallint;
UPDATE closure_rules SET follow_up_days = 14;
ALTER TABLE intakes ADD COLUMN preferred_channel text;
