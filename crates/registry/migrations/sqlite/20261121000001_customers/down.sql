DROP TABLE customer_external_ids;
DROP TABLE customers;
DELETE FROM counters WHERE name = 'customer_code';
