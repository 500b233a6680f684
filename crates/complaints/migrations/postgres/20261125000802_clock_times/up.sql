-- By what a complaint is promised, from an entry of its history on.
CREATE TABLE clock_ranks (
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    tier text,
    severity smallint NOT NULL,
    kind text,
    PRIMARY KEY (complaint_id, seq)
);

-- How the clocks stood when last reckoned: for lists, reports and the scheduler. All of it follows from the history.
CREATE TABLE due_times (
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    clock text NOT NULL,
    run integer NOT NULL,
    policy bigint NOT NULL,
    target_seconds bigint NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz,
    stopped_at timestamptz,
    elapsed_seconds bigint,
    kept boolean,
    is_moot boolean NOT NULL,
    escalate_at timestamptz,
    percent integer,
    is_next boolean NOT NULL,
    PRIMARY KEY (complaint_id, clock, run)
);

CREATE INDEX due_times_next ON due_times (due_at, complaint_id) WHERE is_next;
CREATE INDEX due_times_clock ON due_times (clock, due_at, complaint_id) WHERE stopped_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX due_times_stopped ON due_times (clock, stopped_at) WHERE stopped_at IS NOT NULL;
-- What the scheduler looks for.
CREATE INDEX due_times_escalate ON due_times (escalate_at, complaint_id) WHERE escalate_at IS NOT NULL;

-- Who was told that a clock runs out; each step once.
CREATE TABLE escalations (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    clock text NOT NULL,
    run integer NOT NULL,
    percent integer NOT NULL,
    recipients text NOT NULL,
    executive_contact_proposed boolean NOT NULL,
    due_at timestamptz NOT NULL,
    fired_at timestamptz NOT NULL,
    UNIQUE (complaint_id, clock, run, percent)
);

-- How far the reckoning anew is that the latest change of the rules asked for. One row.
CREATE TABLE clock_rebuilds (
    id smallint PRIMARY KEY,
    wanted_at timestamptz NOT NULL,
    everything boolean NOT NULL,
    after_id uuid,
    is_done boolean NOT NULL
);

-- Complaints from before there were clocks.
INSERT INTO clock_rebuilds (id, wanted_at, everything, after_id, is_done) VALUES (1, '1970-01-01T00:00:00Z', true, NULL, false);
