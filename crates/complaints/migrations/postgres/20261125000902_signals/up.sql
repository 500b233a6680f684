-- The newest snapshot of what others told of customers, for the detectors.
CREATE TABLE observed_facts (
    kind text NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    sequence bigint NOT NULL,
    at timestamptz NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE INDEX observed_facts_customer ON observed_facts (customer_id, at);

-- When each customer is looked at next. `mark` grows with every fact, so that none that comes meanwhile is missed.
CREATE TABLE watched_customers (
    customer_id uuid PRIMARY KEY,
    due_at timestamptz NOT NULL,
    mark bigint NOT NULL
);

CREATE INDEX watched_customers_due ON watched_customers (due_at);

CREATE TABLE signals (
    id uuid PRIMARY KEY,
    detector text NOT NULL,
    customer_id uuid NOT NULL,
    contact_id uuid,
    owner text,
    measured bigint NOT NULL,
    threshold bigint NOT NULL,
    confidence smallint NOT NULL,
    evidence jsonb NOT NULL,
    found_at timestamptz NOT NULL,
    verdict text,
    note text,
    judged_at timestamptz,
    judged_by text,
    complaint_id uuid REFERENCES complaints (id),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX signals_found ON signals (found_at, id);
CREATE INDEX signals_customer ON signals (customer_id, found_at, id);
CREATE INDEX signals_owner ON signals (owner, found_at, id);
CREATE INDEX signals_detector ON signals (detector, verdict);

-- Rules that differ from those the detectors start with.
CREATE TABLE detector_rules (
    detector text PRIMARY KEY,
    enabled boolean NOT NULL,
    window_days integer NOT NULL,
    threshold bigint NOT NULL,
    least_facts integer NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL
);
