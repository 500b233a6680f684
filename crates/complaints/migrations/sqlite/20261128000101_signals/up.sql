-- The newest snapshot of what others told of customers, as far as detectors need it. It stays with the customer it was told of:
-- where that one was merged into another, it is the other's all the same.
CREATE TABLE observed_facts (
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    -- Until when it says anything; null where it lasts.
    lasts_until INTEGER,
    data BLOB NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE INDEX observed_facts_customer ON observed_facts (customer_id, lasts_until);

-- When each customer is looked at next; null while nothing changes by itself. Whoever looks at a customer, or moves its signals,
-- holds its row.
CREATE TABLE watched_customers (
    customer_id BLOB PRIMARY KEY NOT NULL,
    due_at INTEGER
);

CREATE INDEX watched_customers_due ON watched_customers (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE signals (
    id BLOB PRIMARY KEY NOT NULL,
    detector TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    -- Whose it was when it was found, so that undoing a merge brings it back.
    origin_id BLOB NOT NULL,
    contact_id BLOB,
    state TEXT NOT NULL,
    owner TEXT,
    measured BIGINT NOT NULL,
    threshold BIGINT NOT NULL,
    rule_version BIGINT NOT NULL,
    confidence SMALLINT NOT NULL,
    evidence BLOB NOT NULL,
    found_at INTEGER NOT NULL,
    eased_at INTEGER,
    verdict TEXT,
    note TEXT,
    judged_at INTEGER,
    judged_by TEXT,
    complaint_id BLOB REFERENCES complaints (id),
    version BIGINT NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE UNIQUE INDEX signals_open ON signals
    (customer_id, detector, coalesce(contact_id, x'00')) WHERE state = 'open';
CREATE UNIQUE INDEX signals_complaint ON signals (complaint_id) WHERE complaint_id IS NOT NULL;
CREATE INDEX signals_found_at ON signals (found_at, id);
CREATE INDEX signals_confidence ON signals (confidence, id);
CREATE INDEX signals_state ON signals (state, found_at, id);
CREATE INDEX signals_customer ON signals (customer_id, found_at, id);
CREATE INDEX signals_owner ON signals (owner, state, found_at, id);
CREATE INDEX signals_detector ON signals (detector, found_at, id);
CREATE INDEX signals_origin ON signals (origin_id);

-- One row for each version; the latest is in force.
CREATE TABLE detector_rules (
    detector TEXT NOT NULL,
    version BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    window_days INTEGER NOT NULL,
    threshold BIGINT NOT NULL,
    least_facts INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (detector, version)
);

-- Rules of thumb of the field, to begin with; the verdicts will tell which of them are good.
INSERT INTO detector_rules VALUES
    ('overdue_payments', 1, true, 90, 30, 1, 1795824000000000, 'system'),
    ('cancelled_meetings', 1, true, 90, 50, 3, 1795824000000000, 'system'),
    ('falling_attendance', 1, true, 90, 30, 2, 1795824000000000, 'system'),
    ('silent_key_person', 1, true, 365, 200, 1, 1795824000000000, 'system'),
    ('falling_orders', 1, true, 90, 30, 4, 1795824000000000, 'system'),
    ('abrupt_manner', 1, true, 60, 2, 1, 1795824000000000, 'system'),
    ('survey_silence', 1, true, 180, 2, 2, 1795824000000000, 'system');
