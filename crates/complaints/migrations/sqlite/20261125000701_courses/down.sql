ALTER TABLE history DROP COLUMN from_customer;
DROP TABLE courses;
