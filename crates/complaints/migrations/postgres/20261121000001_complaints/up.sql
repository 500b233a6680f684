-- The complaint as its history adds up to; `history` is what happened.
CREATE TABLE complaints (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    customer_id uuid,
    customer_system text,
    customer_key text,
    contact_id uuid,
    channel text NOT NULL,
    subject text NOT NULL,
    description text,
    product text,
    issue text,
    remedy_sought text,
    severity smallint NOT NULL,
    safety boolean NOT NULL,
    language text NOT NULL,
    state text NOT NULL,
    external_system text,
    external_key text,
    received_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    first_responded_at timestamptz,
    resolved_at timestamptz,
    closed_at timestamptz,
    moved_at timestamptz NOT NULL,
    reopened_count integer NOT NULL,
    resolution text,
    handler text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
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
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    seq bigint NOT NULL,
    what text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    note_to_customer text,
    reason text,
    resolution text,
    fields text NOT NULL,
    UNIQUE (complaint_id, seq)
);

-- What a complaint is measured by, as last reckoned.
CREATE TABLE clocks (
    complaint_id uuid PRIMARY KEY REFERENCES complaints (id),
    policy text NOT NULL,
    acknowledge_by timestamptz NOT NULL,
    respond_by timestamptz NOT NULL,
    resolve_by timestamptz NOT NULL,
    verdict boolean,
    timely boolean
);

CREATE SEQUENCE complaint_number;
