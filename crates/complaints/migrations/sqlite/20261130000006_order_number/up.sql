-- The order that a complaint is about.
ALTER TABLE complaints ADD COLUMN order_number TEXT;

CREATE INDEX complaints_order ON complaints (order_number) WHERE order_number IS NOT NULL;
