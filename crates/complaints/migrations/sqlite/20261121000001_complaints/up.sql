-- The complaint as its history adds up to; `history` is what happened.
CREATE TABLE complaints (
    id BLOB PRIMARY KEY NOT NULL,
    number TEXT NOT NULL UNIQUE,
    customer_id BLOB,
    customer_system TEXT,
    customer_key TEXT,
    contact_id BLOB,
    channel TEXT NOT NULL,
    subject TEXT NOT NULL,
    description TEXT,
    product TEXT,
    issue TEXT,
    remedy_sought TEXT,
    severity SMALLINT NOT NULL,
    safety BOOLEAN NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    external_system TEXT,
    external_key TEXT,
    received_at INTEGER NOT NULL,
    acknowledged_at INTEGER,
    first_responded_at INTEGER,
    resolved_at INTEGER,
    closed_at INTEGER,
    moved_at INTEGER NOT NULL,
    reopened_count INTEGER NOT NULL,
    resolution TEXT,
    handler TEXT,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE UNIQUE INDEX complaints_external ON complaints (external_system, external_key) WHERE external_key IS NOT NULL;
CREATE INDEX complaints_received_at ON complaints (received_at, id);
CREATE INDEX complaints_updated_at ON complaints (updated_at, id);
CREATE INDEX complaints_severity ON complaints (severity, received_at, id);
CREATE INDEX complaints_state ON complaints (state, received_at, id);
CREATE INDEX complaints_handler ON complaints (handler, state, received_at, id);
CREATE INDEX complaints_customer ON complaints (customer_id, received_at, id);
-- Those that wait for the registry to tell of their customer.
CREATE INDEX complaints_waiting ON complaints (customer_system, customer_key) WHERE customer_id IS NULL;

CREATE TABLE history (
    id BLOB PRIMARY KEY NOT NULL,
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    seq BIGINT NOT NULL,
    what TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    note_to_customer TEXT,
    reason TEXT,
    resolution TEXT,
    fields TEXT NOT NULL,
    UNIQUE (complaint_id, seq)
);

-- What a complaint is measured by, as last reckoned.
CREATE TABLE clocks (
    complaint_id BLOB PRIMARY KEY NOT NULL REFERENCES complaints (id),
    policy TEXT NOT NULL,
    acknowledge_by INTEGER NOT NULL,
    respond_by INTEGER NOT NULL,
    resolve_by INTEGER NOT NULL,
    verdict BOOLEAN,
    timely BOOLEAN
);

INSERT INTO counters (name, value) VALUES ('complaint_number', 0);
