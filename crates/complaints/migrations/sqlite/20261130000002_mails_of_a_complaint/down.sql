DROP INDEX mails_opened;
