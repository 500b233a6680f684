-- By what a complaint is promised, from an entry of its history on.
CREATE TABLE clock_ranks (
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    seq BIGINT NOT NULL,
    at INTEGER NOT NULL,
    tier TEXT,
    severity SMALLINT NOT NULL,
    kind TEXT,
    PRIMARY KEY (complaint_id, seq)
);

-- How the clocks stood when last reckoned: for lists, reports and the scheduler. All of it follows from the history.
CREATE TABLE due_times (
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    clock TEXT NOT NULL,
    run INTEGER NOT NULL,
    policy BIGINT NOT NULL,
    target_seconds BIGINT NOT NULL,
    started_at INTEGER NOT NULL,
    due_at INTEGER,
    stopped_at INTEGER,
    elapsed_seconds BIGINT,
    kept BOOLEAN,
    is_moot BOOLEAN NOT NULL,
    escalate_at INTEGER,
    percent INTEGER,
    is_next BOOLEAN NOT NULL,
    PRIMARY KEY (complaint_id, clock, run)
);

CREATE INDEX due_times_next ON due_times (due_at, complaint_id) WHERE is_next;
CREATE INDEX due_times_clock ON due_times (clock, due_at, complaint_id) WHERE stopped_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX due_times_stopped ON due_times (clock, stopped_at) WHERE stopped_at IS NOT NULL;
-- What the scheduler looks for.
CREATE INDEX due_times_escalate ON due_times (escalate_at, complaint_id) WHERE escalate_at IS NOT NULL;

-- Who was told that a clock runs out; each step once.
CREATE TABLE escalations (
    id BLOB PRIMARY KEY NOT NULL,
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    clock TEXT NOT NULL,
    run INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    recipients TEXT NOT NULL,
    executive_contact_proposed BOOLEAN NOT NULL,
    due_at INTEGER NOT NULL,
    fired_at INTEGER NOT NULL,
    UNIQUE (complaint_id, clock, run, percent)
);

-- How far the reckoning anew is that the latest change of the rules asked for. One row.
CREATE TABLE clock_rebuilds (
    id SMALLINT PRIMARY KEY NOT NULL,
    wanted_at INTEGER NOT NULL,
    everything BOOLEAN NOT NULL,
    after_id BLOB,
    is_done BOOLEAN NOT NULL
);

-- Complaints from before there were clocks.
INSERT INTO clock_rebuilds (id, wanted_at, everything, after_id, is_done) VALUES (1, 0, true, NULL, false);
