-- Complaints about our own people, by the user name of whom they are about.
ALTER TABLE complaints ADD COLUMN about_staff text;
CREATE INDEX complaints_safety ON complaints (safety, received_at, id);

-- How a complaint came: `secret` is the SHA-256, in hex, of what lets whoever made it follow it.
CREATE TABLE intakes (
    complaint_id uuid PRIMARY KEY REFERENCES complaints (id),
    reported_by text,
    name text,
    email text,
    phone text,
    confidential text NOT NULL,
    as_of timestamptz,
    secret text
);

INSERT INTO intakes (complaint_id, confidential) SELECT id, '' FROM complaints;

CREATE INDEX intakes_email ON intakes (email) WHERE email IS NOT NULL;

-- The queue to the customers. For now acknowledgements only, and nobody takes them out yet.
CREATE TABLE messages (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    channel text NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX messages_complaint ON messages (complaint_id, created_at, id);
CREATE INDEX messages_state ON messages (state, created_at, id);

-- Every mail taken in, by its Message-ID or, without one, by what it holds (`sha256:…`).
CREATE TABLE mails (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    sender text,
    outcome text NOT NULL,
    reason text,
    complaint_id uuid REFERENCES complaints (id),
    received_at timestamptz NOT NULL
);

CREATE INDEX mails_sender ON mails (sender, received_at);

CREATE TABLE links (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    other_id uuid NOT NULL REFERENCES complaints (id),
    relation text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (complaint_id, other_id)
);

CREATE INDEX links_other ON links (other_id);
