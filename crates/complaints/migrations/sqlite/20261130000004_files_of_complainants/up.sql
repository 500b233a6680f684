-- Whether whoever complained sent the file, which the portal then shows. Of those that mails brought before nobody knows.
ALTER TABLE attachments ADD COLUMN from_complainant BOOLEAN NOT NULL DEFAULT FALSE;
