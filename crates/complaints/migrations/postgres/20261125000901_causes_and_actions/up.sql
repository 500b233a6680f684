CREATE TABLE causes (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    parent_id uuid REFERENCES causes (id),
    depth integer NOT NULL,
    category text NOT NULL,
    label text,
    text text NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX causes_complaint ON causes (complaint_id, created_at, id);
CREATE INDEX causes_root ON causes (complaint_id) WHERE state = 'root';

CREATE TABLE corrective_actions (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    cause_id uuid REFERENCES causes (id),
    kind text NOT NULL,
    text text NOT NULL,
    owner text COLLATE "C" NOT NULL,
    due date NOT NULL,
    state text NOT NULL,
    evidence text,
    done_at timestamptz,
    done_by text,
    finding text,
    checked_at timestamptz,
    checked_by text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX corrective_actions_complaint ON corrective_actions (complaint_id, due, id);
CREATE INDEX corrective_actions_due ON corrective_actions (due, id);
CREATE INDEX corrective_actions_owner ON corrective_actions (owner, due, id);

-- One row for each version; the latest is in force.
CREATE TABLE closure_rules (
    version bigint PRIMARY KEY,
    root_cause_to_severity smallint,
    effective_action_to_severity smallint,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL
);

-- To begin with, closing demands nothing: what it should is the company's to say.
INSERT INTO closure_rules VALUES (1, NULL, NULL, '2026-11-25T00:00:00Z', 'system');
