CREATE TABLE vendors (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    kind text NOT NULL,
    name text COLLATE "C" NOT NULL,
    strengths jsonb NOT NULL,
    weaknesses jsonb NOT NULL,
    relations jsonb NOT NULL,
    note text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX vendors_customer ON vendors (customer_id, name, id);

-- Only ever added to: the newest row of a period counts, the older ones are what was corrected.
CREATE TABLE vendor_share_tables (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    period text NOT NULL,
    revision bigint NOT NULL,
    lines jsonb NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL
);

CREATE INDEX vendor_share_tables_period ON vendor_share_tables (customer_id, period, revision, id);
