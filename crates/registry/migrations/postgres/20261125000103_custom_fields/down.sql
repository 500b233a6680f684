DROP TABLE custom_fields;
ALTER TABLE customers DROP COLUMN custom_fields;
