-- What is due next of one complaint. By `due_times_next` alone, which begins with the time, PostgreSQL walked along the whole
-- index for each complaint of a handler where its statistics were behind.
CREATE INDEX due_times_next_of ON due_times (complaint_id) WHERE is_next;
