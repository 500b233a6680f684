DELETE FROM search_terms WHERE place = 9;
INSERT INTO search_queue SELECT id FROM customers WHERE kind = 'consumer' ON CONFLICT DO NOTHING;
