-- Of a kind that is unknown without it.
DELETE FROM due_contacts WHERE proposed_at IS NOT NULL;
DROP INDEX due_contacts_proposed;
ALTER TABLE due_contacts DROP COLUMN proposed_at;
