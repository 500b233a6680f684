-- X'0B' is `[]` in SQLite's JSONB; the default of an added column must be a constant.
ALTER TABLE customers ADD COLUMN roles BLOB NOT NULL DEFAULT X'0B';

-- `scheme` is empty unless the type is `other`.
CREATE TABLE customer_identifiers (
    customer_id BLOB NOT NULL REFERENCES customers (id),
    type TEXT NOT NULL,
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (customer_id, type, scheme, value)
) WITHOUT ROWID;

-- Those that by their standard name one organisation only.
CREATE UNIQUE INDEX customer_identifiers_holder ON customer_identifiers (type, value)
    WHERE type IN ('duns', 'lei', 'uscc');
CREATE INDEX customer_identifiers_value ON customer_identifiers (value);

CREATE TABLE customer_classifications (
    customer_id BLOB PRIMARY KEY NOT NULL REFERENCES customers (id),
    industry_code TEXT,
    region_code TEXT
) WITHOUT ROWID;

CREATE INDEX customer_classifications_industry ON customer_classifications (industry_code);
CREATE INDEX customer_classifications_region ON customer_classifications (region_code);
