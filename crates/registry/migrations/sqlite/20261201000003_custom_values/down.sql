DROP TRIGGER customer_values_begin;
DROP TRIGGER customer_values_change;
DROP TRIGGER customer_values_end;
DROP VIEW values_of_customers;
DROP TABLE customer_values;
