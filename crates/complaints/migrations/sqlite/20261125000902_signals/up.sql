-- The newest snapshot of what others told of customers, for the detectors.
CREATE TABLE observed_facts (
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    at INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE INDEX observed_facts_customer ON observed_facts (customer_id, at);

-- When each customer is looked at next. `mark` grows with every fact, so that none that comes meanwhile is missed.
CREATE TABLE watched_customers (
    customer_id BLOB PRIMARY KEY NOT NULL,
    due_at INTEGER NOT NULL,
    mark BIGINT NOT NULL
);

CREATE INDEX watched_customers_due ON watched_customers (due_at);

CREATE TABLE signals (
    id BLOB PRIMARY KEY NOT NULL,
    detector TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    contact_id BLOB,
    owner TEXT,
    measured BIGINT NOT NULL,
    threshold BIGINT NOT NULL,
    confidence SMALLINT NOT NULL,
    evidence BLOB NOT NULL,
    found_at INTEGER NOT NULL,
    verdict TEXT,
    note TEXT,
    judged_at INTEGER,
    judged_by TEXT,
    complaint_id BLOB REFERENCES complaints (id),
    version BIGINT NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX signals_found ON signals (found_at, id);
CREATE INDEX signals_customer ON signals (customer_id, found_at, id);
CREATE INDEX signals_owner ON signals (owner, found_at, id);
CREATE INDEX signals_detector ON signals (detector, verdict);

-- Rules that differ from those the detectors start with.
CREATE TABLE detector_rules (
    detector TEXT PRIMARY KEY NOT NULL,
    enabled BOOLEAN NOT NULL,
    window_days INTEGER NOT NULL,
    threshold BIGINT NOT NULL,
    least_facts INTEGER NOT NULL,
    version BIGINT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL
);
