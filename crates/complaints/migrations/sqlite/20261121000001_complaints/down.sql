DROP TABLE clocks;
DROP TABLE history;
DROP TABLE complaints;
DELETE FROM counters WHERE name = 'complaint_number';
