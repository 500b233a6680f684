ALTER TABLE customers ADD COLUMN roles jsonb NOT NULL DEFAULT '[]';
CREATE INDEX customers_roles ON customers USING gin (roles);

-- `scheme` is empty unless the type is `other`.
CREATE TABLE customer_identifiers (
    customer_id uuid NOT NULL REFERENCES customers (id),
    type text NOT NULL,
    scheme text NOT NULL,
    value text NOT NULL,
    CONSTRAINT customer_identifiers_key PRIMARY KEY (customer_id, type, scheme, value)
);

-- Those that by their standard name one organisation only.
CREATE UNIQUE INDEX customer_identifiers_holder ON customer_identifiers (type, value)
    WHERE type IN ('duns', 'lei', 'uscc');
CREATE INDEX customer_identifiers_value ON customer_identifiers (value);

CREATE TABLE customer_classifications (
    customer_id uuid PRIMARY KEY REFERENCES customers (id),
    industry_code text COLLATE "C",
    region_code text
);

CREATE INDEX customer_classifications_industry ON customer_classifications (industry_code);
CREATE INDEX customer_classifications_region ON customer_classifications (region_code);
