-- The mail that opened a complaint: answers to it belong to its thread.
CREATE INDEX mails_opened ON mails (complaint_id) WHERE outcome = 'opened';

-- The restricted queue, which is short.
CREATE INDEX complaints_restricted ON complaints (received_at, id) WHERE about_staff IS NOT NULL;
