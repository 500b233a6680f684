ALTER TABLE vendors DROP COLUMN same_as;
