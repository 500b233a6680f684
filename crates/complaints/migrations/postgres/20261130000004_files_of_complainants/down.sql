ALTER TABLE attachments DROP COLUMN from_complainant;
