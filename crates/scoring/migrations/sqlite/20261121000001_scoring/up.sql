CREATE TABLE customer_facts (
    id          BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL,
    sequence    BIGINT NOT NULL,
    changed_at  INTEGER NOT NULL,
    data        BLOB NOT NULL,
    code        TEXT NOT NULL GENERATED ALWAYS AS (data ->> 'code') STORED
) WITHOUT ROWID;
CREATE INDEX customer_facts_code ON customer_facts (code);

CREATE TABLE contact_facts (
    id          BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL,
    sequence    BIGINT NOT NULL,
    changed_at  INTEGER NOT NULL,
    data        BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX contact_facts_customer ON contact_facts (customer_id);

CREATE TABLE position_facts (
    id          BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL,
    sequence    BIGINT NOT NULL,
    changed_at  INTEGER NOT NULL,
    data        BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX position_facts_customer ON position_facts (customer_id);

CREATE TABLE holding_facts (
    id          BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL,
    sequence    BIGINT NOT NULL,
    changed_at  INTEGER NOT NULL,
    data        BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX holding_facts_customer ON holding_facts (customer_id);

CREATE TABLE interaction_facts (
    id          BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL,
    sequence    BIGINT NOT NULL,
    changed_at  INTEGER NOT NULL,
    data        BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX interaction_facts_customer ON interaction_facts (customer_id);

-- The customer of a complaint may become known later.
CREATE TABLE complaint_facts (
    id          BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB,
    sequence    BIGINT NOT NULL,
    changed_at  INTEGER NOT NULL,
    data        BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX complaint_facts_customer ON complaint_facts (customer_id);

CREATE TABLE dirty_customers (
    customer_id BLOB PRIMARY KEY NOT NULL,
    since       INTEGER NOT NULL,
    mark        BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX dirty_customers_since ON dirty_customers (since);

CREATE TABLE scores (
    id                      BLOB PRIMARY KEY NOT NULL,
    customer_code           TEXT NOT NULL,
    tier                    TEXT NOT NULL,
    owner                   TEXT,
    engagement              BIGINT NOT NULL,
    satisfaction            BIGINT NOT NULL,
    level                   TEXT NOT NULL,
    confidence              TEXT NOT NULL,
    satisfaction_confidence TEXT NOT NULL,
    inputs                  BLOB NOT NULL,
    reasons                 BLOB NOT NULL,
    policy_version          TEXT NOT NULL,
    as_of                   INTEGER NOT NULL,
    version                 BIGINT NOT NULL,
    updated_at              INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX scores_engagement ON scores (engagement, id);
CREATE INDEX scores_satisfaction ON scores (satisfaction, id);
CREATE INDEX scores_updated ON scores (updated_at, id);
CREATE INDEX scores_as_of ON scores (as_of);

CREATE TABLE score_history (
    id                      BLOB PRIMARY KEY NOT NULL,
    customer_id             BLOB NOT NULL,
    version                 BIGINT NOT NULL,
    engagement              BIGINT NOT NULL,
    satisfaction            BIGINT NOT NULL,
    level                   TEXT NOT NULL,
    confidence              TEXT NOT NULL,
    satisfaction_confidence TEXT NOT NULL,
    inputs                  BLOB NOT NULL,
    reasons                 BLOB NOT NULL,
    policy_version          TEXT NOT NULL,
    as_of                   INTEGER NOT NULL,
    UNIQUE (customer_id, version)
) WITHOUT ROWID;
