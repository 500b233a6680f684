DROP INDEX due_times_next_of;
