CREATE TABLE vendors (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    strengths BLOB NOT NULL,
    weaknesses BLOB NOT NULL,
    relations BLOB NOT NULL,
    note TEXT,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX vendors_customer ON vendors (customer_id, name, id);

-- Only ever added to: the newest row of a period counts, the older ones are what was corrected.
CREATE TABLE vendor_share_tables (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    period TEXT NOT NULL,
    revision BIGINT NOT NULL,
    lines BLOB NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
);

CREATE INDEX vendor_share_tables_period ON vendor_share_tables (customer_id, period, revision, id);
