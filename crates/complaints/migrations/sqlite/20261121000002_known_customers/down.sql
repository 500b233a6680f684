DROP TABLE known_external_ids;
DROP TABLE known_customers;
