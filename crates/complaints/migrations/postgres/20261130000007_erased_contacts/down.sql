DROP INDEX mails_complaint;
DROP INDEX complaints_contact;
ALTER TABLE intakes DROP COLUMN erased_at;
DROP TABLE erased_contacts;
