CREATE TABLE customer_facts (
    id          uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    sequence    bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    data        jsonb NOT NULL,
    code        text NOT NULL GENERATED ALWAYS AS (data ->> 'code') STORED
);
CREATE INDEX customer_facts_code ON customer_facts (code);

CREATE TABLE contact_facts (
    id          uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    sequence    bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    data        jsonb NOT NULL
);
CREATE INDEX contact_facts_customer ON contact_facts (customer_id);

CREATE TABLE position_facts (
    id          uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    sequence    bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    data        jsonb NOT NULL
);
CREATE INDEX position_facts_customer ON position_facts (customer_id);

CREATE TABLE holding_facts (
    id          uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    sequence    bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    data        jsonb NOT NULL
);
CREATE INDEX holding_facts_customer ON holding_facts (customer_id);

CREATE TABLE interaction_facts (
    id          uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    sequence    bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    data        jsonb NOT NULL
);
CREATE INDEX interaction_facts_customer ON interaction_facts (customer_id);

-- The customer of a complaint may become known later.
CREATE TABLE complaint_facts (
    id          uuid PRIMARY KEY,
    customer_id uuid,
    sequence    bigint NOT NULL,
    changed_at  timestamptz NOT NULL,
    data        jsonb NOT NULL
);
CREATE INDEX complaint_facts_customer ON complaint_facts (customer_id);

CREATE TABLE dirty_customers (
    customer_id uuid PRIMARY KEY,
    since       timestamptz NOT NULL,
    mark        bigint NOT NULL
);
CREATE INDEX dirty_customers_since ON dirty_customers (since);

CREATE TABLE scores (
    id                      uuid PRIMARY KEY,
    customer_code           text NOT NULL,
    tier                    text NOT NULL,
    owner                   text,
    engagement              bigint NOT NULL,
    satisfaction            bigint NOT NULL,
    level                   text NOT NULL,
    confidence              text NOT NULL,
    satisfaction_confidence text NOT NULL,
    inputs                  jsonb NOT NULL,
    reasons                 jsonb NOT NULL,
    policy_version          text NOT NULL,
    as_of                   timestamptz NOT NULL,
    version                 bigint NOT NULL,
    updated_at              timestamptz NOT NULL
);
CREATE INDEX scores_engagement ON scores (engagement, id);
CREATE INDEX scores_satisfaction ON scores (satisfaction, id);
CREATE INDEX scores_updated ON scores (updated_at, id);
CREATE INDEX scores_as_of ON scores (as_of);

CREATE TABLE score_history (
    id                      uuid PRIMARY KEY,
    customer_id             uuid NOT NULL,
    version                 bigint NOT NULL,
    engagement              bigint NOT NULL,
    satisfaction            bigint NOT NULL,
    level                   text NOT NULL,
    confidence              text NOT NULL,
    satisfaction_confidence text NOT NULL,
    inputs                  jsonb NOT NULL,
    reasons                 jsonb NOT NULL,
    policy_version          text NOT NULL,
    as_of                   timestamptz NOT NULL,
    UNIQUE (customer_id, version)
);
