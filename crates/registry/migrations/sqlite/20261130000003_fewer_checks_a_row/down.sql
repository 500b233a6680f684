DROP INDEX customers_owner;
CREATE INDEX customers_owner ON customers (owner, sort_name, id);
