DROP INDEX complaints_order;
ALTER TABLE complaints DROP COLUMN order_number;
