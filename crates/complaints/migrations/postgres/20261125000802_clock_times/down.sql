DROP TABLE clock_rebuilds;
DROP TABLE escalations;
DROP TABLE due_times;
DROP TABLE clock_ranks;
