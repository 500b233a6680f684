ALTER TABLE employees DROP COLUMN freshness;
