-- Complaints about our own people, by the user name of whom they are about.
ALTER TABLE complaints ADD COLUMN about_staff TEXT;
CREATE INDEX complaints_safety ON complaints (safety, received_at, id);

-- How a complaint came: `secret` is the SHA-256, in hex, of what lets whoever made it follow it.
CREATE TABLE intakes (
    complaint_id BLOB PRIMARY KEY NOT NULL REFERENCES complaints (id),
    reported_by TEXT,
    name TEXT,
    email TEXT,
    phone TEXT,
    confidential TEXT NOT NULL,
    as_of INTEGER,
    secret TEXT
);

INSERT INTO intakes (complaint_id, confidential) SELECT id, '' FROM complaints;

CREATE INDEX intakes_email ON intakes (email) WHERE email IS NOT NULL;

-- The queue to the customers. For now acknowledgements only, and nobody takes them out yet.
CREATE TABLE messages (
    id BLOB PRIMARY KEY NOT NULL,
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE INDEX messages_complaint ON messages (complaint_id, created_at, id);
CREATE INDEX messages_state ON messages (state, created_at, id);

-- Every mail taken in, by its Message-ID or, without one, by what it holds (`sha256:…`).
CREATE TABLE mails (
    id BLOB PRIMARY KEY NOT NULL,
    key TEXT NOT NULL UNIQUE,
    sender TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    complaint_id BLOB REFERENCES complaints (id),
    received_at INTEGER NOT NULL
);

CREATE INDEX mails_sender ON mails (sender, received_at);

CREATE TABLE links (
    id BLOB PRIMARY KEY NOT NULL,
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    other_id BLOB NOT NULL REFERENCES complaints (id),
    relation TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (complaint_id, other_id)
);

CREATE INDEX links_other ON links (other_id);
