-- Only ever added to: what counts follows from all that was said.
CREATE TABLE consent_entries (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts (id),
    customer_id uuid NOT NULL REFERENCES customers (id),
    purpose text NOT NULL,
    channel text NOT NULL,
    decision text NOT NULL,
    decided_at timestamptz NOT NULL,
    source text NOT NULL,
    text_version text,
    evidence text,
    recorded_by text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX consent_entries_contact ON consent_entries (contact_id, decided_at, id);
CREATE INDEX consent_entries_customer ON consent_entries (customer_id);
