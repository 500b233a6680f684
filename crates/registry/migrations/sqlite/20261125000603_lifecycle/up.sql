CREATE TABLE lifecycle_moves (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    from_stage TEXT NOT NULL,
    to_stage TEXT NOT NULL,
    moved_at INTEGER NOT NULL,
    moved_by TEXT NOT NULL,
    rule TEXT,
    policy BIGINT,
    order_system TEXT,
    order_id TEXT,
    ordered_on DATE,
    reason TEXT
);

CREATE INDEX lifecycle_moves_customer ON lifecycle_moves (customer_id, moved_at, id);

CREATE TABLE order_facts (
    system TEXT NOT NULL,
    order_id TEXT NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    ordered_on DATE NOT NULL,
    cancelled BOOLEAN NOT NULL,
    source_updated_at INTEGER,
    CONSTRAINT order_facts_key PRIMARY KEY (system, order_id)
);

CREATE INDEX order_facts_customer ON order_facts (customer_id, ordered_on);

CREATE TABLE lifecycle_policies (
    version BIGINT PRIMARY KEY NOT NULL,
    repeat_within_days INTEGER NOT NULL,
    lapse_after_days INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL
);
