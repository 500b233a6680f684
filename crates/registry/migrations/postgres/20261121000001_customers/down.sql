DROP TABLE customer_external_ids;
DROP TABLE customers;
DROP SEQUENCE customer_code;
