DROP TABLE clocks;
DROP TABLE history;
DROP TABLE complaints;
DROP SEQUENCE complaint_number;
