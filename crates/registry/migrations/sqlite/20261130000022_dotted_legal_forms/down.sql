-- What was queued does no harm.
SELECT 1;
