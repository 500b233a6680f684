-- When what is due, and whether it was kept, is told by due_times alone: one measure, that of the policies.
ALTER TABLE clocks DROP COLUMN policy;
ALTER TABLE clocks DROP COLUMN acknowledge_by;
ALTER TABLE clocks DROP COLUMN respond_by;
ALTER TABLE clocks DROP COLUMN resolve_by;

UPDATE clock_rebuilds SET everything = true, after_id = NULL, is_done = false;
