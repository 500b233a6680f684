CREATE SEQUENCE customer_code;

-- Text that is sorted by has the collation "C": the order is the same on every machine, and on SQLite.
CREATE TABLE customers (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL CONSTRAINT customers_code_key UNIQUE,
    name text COLLATE "C" NOT NULL,
    short_name text,
    kind text NOT NULL,
    tier text NOT NULL,
    lifecycle text NOT NULL,
    industry text,
    country text,
    region text,
    city text,
    address text,
    website text,
    phone text,
    language text NOT NULL,
    time_zone text NOT NULL,
    currency text NOT NULL,
    parent_id uuid REFERENCES customers (id),
    owner text,
    annual_revenue_minor bigint,
    annual_revenue_currency text,
    employees bigint,
    founded_year integer,
    tax_id text,
    search_text text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX customers_name ON customers (name, id);
CREATE INDEX customers_created_at ON customers (created_at, id);
CREATE INDEX customers_updated_at ON customers (updated_at, id);
CREATE INDEX customers_owner ON customers (owner, name, id);
CREATE INDEX customers_tier ON customers (tier, name, id);
CREATE INDEX customers_parent ON customers (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE customer_external_ids (
    system text NOT NULL,
    external_id text NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id),
    source_updated_at timestamptz,
    CONSTRAINT customer_external_ids_key PRIMARY KEY (system, external_id)
);

CREATE INDEX customer_external_ids_customer ON customer_external_ids (customer_id, system, external_id);
