UPDATE courses SET follow_up_due_at = NULL WHERE follow_up_cancelled;
ALTER TABLE courses DROP COLUMN follow_up_cancelled;
