DROP TABLE customer_classifications;
DROP TABLE customer_identifiers;
ALTER TABLE customers DROP COLUMN roles;
