CREATE TABLE tier_policies (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    name text NOT NULL,
    name_zh text NOT NULL,
    tiers jsonb NOT NULL,
    active boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT tier_policies_revision UNIQUE (code, revision)
);

CREATE INDEX tier_policies_created_at ON tier_policies (created_at, id);
CREATE UNIQUE INDEX tier_policies_active ON tier_policies (active) WHERE active;

-- One undone proposal per customer: kept by the lock on the customer, so that a merge may bring two together.
CREATE TABLE tier_proposals (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    policy_id uuid NOT NULL REFERENCES tier_policies (id),
    policy_version text NOT NULL,
    policy_tier text NOT NULL,
    tier text NOT NULL,
    from_tier text NOT NULL,
    source text NOT NULL,
    proposed_by text NOT NULL,
    reason text NOT NULL,
    evidence jsonb NOT NULL,
    effective_from date,
    effective_at timestamptz,
    approvals_needed integer NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX tier_proposals_created_at ON tier_proposals (created_at, id);
CREATE INDEX tier_proposals_customer ON tier_proposals (customer_id, created_at, id);
CREATE INDEX tier_proposals_state ON tier_proposals (state, created_at, id);
CREATE INDEX tier_proposals_due ON tier_proposals (effective_at) WHERE state = 'approved';
CREATE INDEX tier_proposals_reviewed ON tier_proposals (updated_at, customer_id) WHERE state IN ('in_effect', 'rejected');

CREATE TABLE tier_decisions (
    id uuid PRIMARY KEY,
    proposal_id uuid NOT NULL REFERENCES tier_proposals (id),
    decider text NOT NULL,
    verdict text NOT NULL,
    reason text,
    decided_at timestamptz NOT NULL,
    CONSTRAINT tier_decisions_decider UNIQUE (proposal_id, decider)
);

-- What a customer was created with is not in here: it is the `from_tier` of the first change, else the customer's own.
CREATE TABLE tier_changes (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    proposal_id uuid NOT NULL REFERENCES tier_proposals (id),
    from_tier text NOT NULL,
    to_tier text NOT NULL,
    sequence bigint NOT NULL,
    effective_at timestamptz NOT NULL
);

CREATE INDEX tier_changes_customer ON tier_changes (customer_id, effective_at, id);

-- The newest that scoring proposed of each customer, whatever became of it: an older one that comes late is ignored.
CREATE TABLE scored_tiers (
    customer_id uuid PRIMARY KEY REFERENCES customers (id),
    sequence bigint NOT NULL,
    tier text NOT NULL
);

-- Examples; the first is how customers are tiered until another is activated.
INSERT INTO tier_policies (id, code, revision, name, name_zh, tiers, active, version, created_at, updated_at) VALUES
    ('019acc00-0000-7000-8000-000000000001', 'sabc', 1, 'Strategic, partner, value, general', '战略/伙伴/价值/一般', '[
        {"code": "S", "name": "Strategic", "name_zh": "战略", "rank": 1, "key_customer": true, "counts_as": "S", "approvals_to_enter": 2, "approvals_to_leave": 2, "review_days": 90},
        {"code": "A", "name": "Partner", "name_zh": "伙伴", "rank": 2, "key_customer": true, "counts_as": "A", "approvals_to_enter": 2, "approvals_to_leave": 2, "review_days": 90},
        {"code": "B", "name": "Value", "name_zh": "价值/优先", "rank": 3, "key_customer": false, "counts_as": "B", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 90},
        {"code": "C", "name": "General", "name_zh": "一般", "rank": 4, "key_customer": false, "counts_as": "C", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 180}
    ]', true, 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
    ('019acc00-0000-7000-8000-000000000002', 'abc', 1, 'A, B, C', 'A/B/C 类客户', '[
        {"code": "A", "name": "Major", "name_zh": "重要", "rank": 1, "key_customer": true, "counts_as": "A", "approvals_to_enter": 2, "approvals_to_leave": 1, "review_days": 90},
        {"code": "B", "name": "Medium", "name_zh": "中等", "rank": 2, "key_customer": false, "counts_as": "B", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 180},
        {"code": "C", "name": "Small", "name_zh": "小型", "rank": 3, "key_customer": false, "counts_as": "C", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 365}
    ]', false, 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
    ('019acc00-0000-7000-8000-000000000003', 'key-ordinary', 1, 'Key and ordinary', '大客户/普通客户', '[
        {"code": "key", "name": "Key customer", "name_zh": "大客户", "rank": 1, "key_customer": true, "counts_as": "A", "approvals_to_enter": 2, "approvals_to_leave": 2, "review_days": 90},
        {"code": "ordinary", "name": "Ordinary customer", "name_zh": "普通客户", "rank": 2, "key_customer": false, "counts_as": "C", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 365}
    ]', false, 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z');
