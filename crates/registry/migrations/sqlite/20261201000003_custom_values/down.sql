DROP TRIGGER customer_values_begin;
DROP TRIGGER customer_values_change;
DROP TRIGGER customer_values_end;
DROP TABLE customer_values;
