-- Long names are found from all their characters, branches by their own names. Written anew by the service, the first replica before it serves.
INSERT INTO search_queue SELECT id FROM customers WHERE merged_into IS NULL ON CONFLICT DO NOTHING;
