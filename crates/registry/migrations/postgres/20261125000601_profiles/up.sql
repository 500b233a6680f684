-- Numbers are given with the customer locked. No unique index says so: two customers that become one bring both their
-- sections along.
CREATE TABLE profile_versions (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    section text NOT NULL,
    number bigint NOT NULL,
    state text NOT NULL,
    round bigint NOT NULL,
    content jsonb NOT NULL,
    evidence jsonb NOT NULL,
    valid_until date,
    submitted_at timestamptz,
    approved_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX profile_versions_section ON profile_versions (customer_id, section, number, id);
CREATE INDEX profile_versions_waiting ON profile_versions (updated_at, id) WHERE state = 'in_review';

CREATE TABLE profile_authors (
    version_id uuid NOT NULL REFERENCES profile_versions (id),
    author text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT profile_authors_key PRIMARY KEY (version_id, author)
);

CREATE TABLE profile_acts (
    id uuid PRIMARY KEY,
    version_id uuid NOT NULL REFERENCES profile_versions (id),
    round bigint NOT NULL,
    act text NOT NULL,
    actor text NOT NULL,
    comment text,
    at timestamptz NOT NULL,
    CONSTRAINT profile_acts_key UNIQUE (version_id, round, actor, act)
);
