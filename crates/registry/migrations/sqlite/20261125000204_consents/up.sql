-- Only ever added to: what counts follows from all that was said.
CREATE TABLE consent_entries (
    id BLOB PRIMARY KEY NOT NULL,
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    text_version TEXT,
    evidence TEXT,
    recorded_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE INDEX consent_entries_contact ON consent_entries (contact_id, decided_at, id);
CREATE INDEX consent_entries_customer ON consent_entries (customer_id);
