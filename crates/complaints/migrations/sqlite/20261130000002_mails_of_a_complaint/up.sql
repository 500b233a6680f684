-- The mail that opened a complaint: answers to it belong to its thread.
CREATE INDEX mails_opened ON mails (complaint_id) WHERE outcome = 'opened';
