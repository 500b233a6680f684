DROP INDEX complaints_restricted;
DROP INDEX mails_opened;
