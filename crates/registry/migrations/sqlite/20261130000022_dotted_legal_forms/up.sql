-- Names are compared without more legal forms than they were: dotted ones (S.A.), and those of partnerships.
INSERT INTO duplicate_queue (customer_id) SELECT id FROM customers WHERE merged_into IS NULL;
