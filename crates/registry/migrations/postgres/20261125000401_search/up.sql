-- Filled by the service before it serves: pinyin is not the database's to know.
ALTER TABLE customers ADD COLUMN sort_name text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE customers DROP COLUMN search_text;

CREATE INDEX customers_sort_name ON customers (sort_name, id);
DROP INDEX customers_owner;
CREATE INDEX customers_owner ON customers (owner, sort_name, id);
DROP INDEX customers_tier;
CREATE INDEX customers_tier ON customers (tier, sort_name, id);

-- By which beginnings customers and contacts are found. `thing_id` is the contact's or the customer's own. Without
-- foreign keys: a row costs less than the look-up of what it points to, and things are never deleted.
CREATE TABLE search_terms (
    place smallint NOT NULL,
    term text COLLATE "C" NOT NULL,
    thing_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    CONSTRAINT search_terms_key PRIMARY KEY (place, term, thing_id)
);

CREATE INDEX search_terms_customer ON search_terms (customer_id);

-- Customers whose terms, and those of their contacts, are still to be written.
CREATE TABLE search_queue (customer_id uuid PRIMARY KEY);

INSERT INTO search_queue SELECT id FROM customers;
