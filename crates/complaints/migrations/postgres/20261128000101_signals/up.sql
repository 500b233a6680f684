-- The newest snapshot of what others told of customers, as far as detectors need it. It stays with the customer it was told of:
-- where that one was merged into another, it is the other's all the same.
CREATE TABLE observed_facts (
    kind text NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    sequence bigint NOT NULL,
    -- Until when it says anything; null where it lasts.
    lasts_until timestamptz,
    data jsonb NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE INDEX observed_facts_customer ON observed_facts (customer_id, lasts_until);

-- When each customer is looked at next; null while nothing changes by itself. Whoever looks at a customer, or moves its signals,
-- holds its row.
CREATE TABLE watched_customers (
    customer_id uuid PRIMARY KEY,
    due_at timestamptz
);

CREATE INDEX watched_customers_due ON watched_customers (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE signals (
    id uuid PRIMARY KEY,
    detector text NOT NULL,
    customer_id uuid NOT NULL,
    -- Whose it was when it was found, so that undoing a merge brings it back.
    origin_id uuid NOT NULL,
    contact_id uuid,
    state text NOT NULL,
    owner text,
    measured bigint NOT NULL,
    threshold bigint NOT NULL,
    rule_version bigint NOT NULL,
    confidence smallint NOT NULL,
    evidence jsonb NOT NULL,
    found_at timestamptz NOT NULL,
    eased_at timestamptz,
    verdict text,
    note text,
    judged_at timestamptz,
    judged_by text,
    complaint_id uuid REFERENCES complaints (id),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX signals_open ON signals
    (customer_id, detector, coalesce(contact_id, '00000000-0000-0000-0000-000000000000')) WHERE state = 'open';
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
    detector text NOT NULL,
    version bigint NOT NULL,
    enabled boolean NOT NULL,
    window_days integer NOT NULL,
    threshold bigint NOT NULL,
    least_facts integer NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    PRIMARY KEY (detector, version)
);

-- Rules of thumb of the field, to begin with; the verdicts will tell which of them are good.
INSERT INTO detector_rules VALUES
    ('overdue_payments', 1, true, 90, 30, 1, '2026-11-28T00:00:00Z', 'system'),
    ('cancelled_meetings', 1, true, 90, 50, 3, '2026-11-28T00:00:00Z', 'system'),
    ('falling_attendance', 1, true, 90, 30, 2, '2026-11-28T00:00:00Z', 'system'),
    ('silent_key_person', 1, true, 365, 200, 1, '2026-11-28T00:00:00Z', 'system'),
    ('falling_orders', 1, true, 90, 30, 4, '2026-11-28T00:00:00Z', 'system'),
    ('abrupt_manner', 1, true, 60, 2, 1, '2026-11-28T00:00:00Z', 'system'),
    ('survey_silence', 1, true, 180, 2, 2, '2026-11-28T00:00:00Z', 'system');
