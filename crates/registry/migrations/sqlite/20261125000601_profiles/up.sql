-- Numbers are given with the customer locked. No unique index says so: two customers that become one bring both their
-- sections along.
CREATE TABLE profile_versions (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    section TEXT NOT NULL,
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    round BIGINT NOT NULL,
    content BLOB NOT NULL,
    evidence BLOB NOT NULL,
    valid_until DATE,
    submitted_at INTEGER,
    approved_at INTEGER,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX profile_versions_section ON profile_versions (customer_id, section, number, id);
CREATE INDEX profile_versions_waiting ON profile_versions (updated_at, id) WHERE state = 'in_review';

CREATE TABLE profile_authors (
    version_id BLOB NOT NULL REFERENCES profile_versions (id),
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT profile_authors_key PRIMARY KEY (version_id, author)
);

CREATE TABLE profile_acts (
    id BLOB PRIMARY KEY NOT NULL,
    version_id BLOB NOT NULL REFERENCES profile_versions (id),
    round BIGINT NOT NULL,
    act TEXT NOT NULL,
    actor TEXT NOT NULL,
    comment TEXT,
    at INTEGER NOT NULL,
    CONSTRAINT profile_acts_key UNIQUE (version_id, round, actor, act)
);
