-- Lists by a rare value would else go through everybody by name.
CREATE INDEX customers_country ON customers (country, sort_name, id) WHERE merged_into IS NULL;
CREATE INDEX customers_kind ON customers (kind, sort_name, id) WHERE merged_into IS NULL;
CREATE INDEX customers_lifecycle ON customers (lifecycle, sort_name, id) WHERE merged_into IS NULL;

-- A merge takes along what is settled, too.
CREATE INDEX open_items_of_customer ON open_items (customer_id);
