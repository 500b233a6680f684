-- Contacts that somebody is to make, as those who want them told; those that are owed no more stay, so that what is told
-- late does not bring them back. The origin is the customer that was told, the customer what that has become by merges.
CREATE TABLE due_contacts (
    kind        TEXT NOT NULL,
    subject_id  BLOB NOT NULL,
    id          BLOB NOT NULL,
    sequence    BIGINT NOT NULL,
    open        BOOLEAN NOT NULL,
    origin_id   BLOB,
    customer_id BLOB,
    contact_id  BLOB,
    reference   TEXT NOT NULL,
    owner       TEXT,
    due_at      INTEGER NOT NULL,
    restricted  BOOLEAN NOT NULL,
    PRIMARY KEY (kind, subject_id)
) WITHOUT ROWID;
CREATE INDEX due_contacts_due ON due_contacts (due_at, id) WHERE open;
CREATE INDEX due_contacts_owner ON due_contacts (owner, due_at, id) WHERE open;
CREATE INDEX due_contacts_customer ON due_contacts (customer_id, due_at, id) WHERE open;
CREATE INDEX due_contacts_origin ON due_contacts (origin_id);
