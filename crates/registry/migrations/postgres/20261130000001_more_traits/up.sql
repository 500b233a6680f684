-- Customers are compared by more than they were: by VAT and other numbers, and by the phones of their contacts.
INSERT INTO duplicate_queue (customer_id) SELECT id FROM customers WHERE merged_into IS NULL;
