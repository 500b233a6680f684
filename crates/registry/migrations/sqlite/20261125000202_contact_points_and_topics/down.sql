ALTER TABLE contacts DROP COLUMN topics;
ALTER TABLE contacts DROP COLUMN contact_points;
ALTER TABLE contacts DROP COLUMN mobile;
