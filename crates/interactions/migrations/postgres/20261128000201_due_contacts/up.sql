-- Contacts that somebody is to make, as those who want them told; those that are owed no more stay, so that what is told
-- late does not bring them back. The origin is the customer that was told, the customer what that has become by merges.
CREATE TABLE due_contacts (
    kind        text NOT NULL,
    subject_id  uuid NOT NULL,
    id          uuid NOT NULL,
    sequence    bigint NOT NULL,
    open        boolean NOT NULL,
    origin_id   uuid,
    customer_id uuid,
    contact_id  uuid,
    reference   text NOT NULL,
    owner       text,
    due_at      timestamptz NOT NULL,
    restricted  boolean NOT NULL,
    CONSTRAINT due_contacts_key PRIMARY KEY (kind, subject_id)
);
CREATE INDEX due_contacts_due ON due_contacts (due_at, id) WHERE open;
CREATE INDEX due_contacts_owner ON due_contacts (owner, due_at, id) WHERE open;
CREATE INDEX due_contacts_customer ON due_contacts (customer_id, due_at, id) WHERE open;
CREATE INDEX due_contacts_origin ON due_contacts (origin_id);
