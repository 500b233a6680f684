-- An index says nothing of what is absent: most customers that a file brings have no owner yet.
DROP INDEX customers_owner;
CREATE INDEX customers_owner ON customers (owner, sort_name, id) WHERE owner IS NOT NULL;
