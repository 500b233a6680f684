INSERT INTO counters (name, value) VALUES ('customer_code', 0);

CREATE TABLE customers (
    id BLOB PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    short_name TEXT,
    kind TEXT NOT NULL,
    tier TEXT NOT NULL,
    lifecycle TEXT NOT NULL,
    industry TEXT,
    country TEXT,
    region TEXT,
    city TEXT,
    address TEXT,
    website TEXT,
    phone TEXT,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    parent_id BLOB REFERENCES customers (id),
    owner TEXT,
    annual_revenue_minor BIGINT,
    annual_revenue_currency TEXT,
    employees BIGINT,
    founded_year INTEGER,
    tax_id TEXT,
    search_text TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX customers_name ON customers (name, id);
CREATE INDEX customers_created_at ON customers (created_at, id);
CREATE INDEX customers_updated_at ON customers (updated_at, id);
CREATE INDEX customers_owner ON customers (owner, name, id);
CREATE INDEX customers_tier ON customers (tier, name, id);
CREATE INDEX customers_parent ON customers (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE customer_external_ids (
    system TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    source_updated_at INTEGER,
    PRIMARY KEY (system, external_id)
) WITHOUT ROWID;

CREATE INDEX customer_external_ids_customer ON customer_external_ids (customer_id, system, external_id);
