-- When a contact was proposed that an interaction makes; null where who wants it tells when it was made.
ALTER TABLE due_contacts ADD COLUMN proposed_at INTEGER;
CREATE INDEX due_contacts_proposed ON due_contacts (customer_id) WHERE proposed_at IS NOT NULL;
