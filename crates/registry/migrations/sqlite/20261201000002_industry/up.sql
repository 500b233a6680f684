-- A list of a rare industry went through everybody. In the order of names, because SQLite does not tell common from rare.
CREATE INDEX customers_industry ON customers (industry, sort_name, id) WHERE industry IS NOT NULL;
