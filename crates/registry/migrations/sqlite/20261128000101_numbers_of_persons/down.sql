DELETE FROM search_terms WHERE place = 9;
INSERT OR IGNORE INTO search_queue SELECT id FROM customers WHERE kind = 'consumer';
