DROP TABLE links;
DROP TABLE mails;
DROP TABLE messages;
DROP TABLE intakes;
DROP INDEX complaints_safety;
ALTER TABLE complaints DROP COLUMN about_staff;
