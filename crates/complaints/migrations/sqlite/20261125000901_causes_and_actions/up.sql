CREATE TABLE causes (
    id BLOB PRIMARY KEY NOT NULL,
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    parent_id BLOB REFERENCES causes (id),
    depth INTEGER NOT NULL,
    category TEXT NOT NULL,
    label TEXT,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX causes_complaint ON causes (complaint_id, created_at, id);
CREATE INDEX causes_root ON causes (complaint_id) WHERE state = 'root';

CREATE TABLE corrective_actions (
    id BLOB PRIMARY KEY NOT NULL,
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    cause_id BLOB REFERENCES causes (id),
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    owner TEXT NOT NULL,
    due DATE NOT NULL,
    state TEXT NOT NULL,
    evidence TEXT,
    done_at INTEGER,
    done_by TEXT,
    finding TEXT,
    checked_at INTEGER,
    checked_by TEXT,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX corrective_actions_complaint ON corrective_actions (complaint_id, due, id);
CREATE INDEX corrective_actions_due ON corrective_actions (due, id);
CREATE INDEX corrective_actions_owner ON corrective_actions (owner, due, id);

-- One row for each version; the latest is in force.
CREATE TABLE closure_rules (
    version BIGINT PRIMARY KEY NOT NULL,
    root_cause_to_severity SMALLINT,
    effective_action_to_severity SMALLINT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL
);

-- To begin with, closing demands nothing: what it should is the company's to say.
INSERT INTO closure_rules VALUES (1, NULL, NULL, 1795564800000000, 'system');
