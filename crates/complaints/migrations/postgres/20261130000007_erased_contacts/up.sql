-- Contacts that the registry has erased, since when that is known here: nothing is kept of who they are.
CREATE TABLE erased_contacts (
    contact_id uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL
);

-- Since when nothing is kept of who complained.
ALTER TABLE intakes ADD COLUMN erased_at timestamptz;

-- By what is found what an erasure concerns.
CREATE INDEX complaints_contact ON complaints (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX mails_complaint ON mails (complaint_id) WHERE sender IS NOT NULL;
