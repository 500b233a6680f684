CREATE TABLE tier_policies (
    id BLOB PRIMARY KEY NOT NULL,
    code TEXT NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    tiers BLOB NOT NULL,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (code, revision)
);

CREATE INDEX tier_policies_created_at ON tier_policies (created_at, id);
CREATE UNIQUE INDEX tier_policies_active ON tier_policies (active) WHERE active;

-- One undone proposal per customer: kept by the lock on the customer, so that a merge may bring two together.
CREATE TABLE tier_proposals (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    policy_id BLOB NOT NULL REFERENCES tier_policies (id),
    policy_version TEXT NOT NULL,
    policy_tier TEXT NOT NULL,
    tier TEXT NOT NULL,
    from_tier TEXT NOT NULL,
    source TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    evidence BLOB NOT NULL,
    effective_from DATE,
    effective_at INTEGER,
    approvals_needed INTEGER NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX tier_proposals_created_at ON tier_proposals (created_at, id);
CREATE INDEX tier_proposals_customer ON tier_proposals (customer_id, created_at, id);
CREATE INDEX tier_proposals_state ON tier_proposals (state, created_at, id);
CREATE INDEX tier_proposals_due ON tier_proposals (effective_at) WHERE state = 'approved';
CREATE INDEX tier_proposals_reviewed ON tier_proposals (updated_at, customer_id) WHERE state IN ('in_effect', 'rejected');

CREATE TABLE tier_decisions (
    id BLOB PRIMARY KEY NOT NULL,
    proposal_id BLOB NOT NULL REFERENCES tier_proposals (id),
    decider TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    decided_at INTEGER NOT NULL,
    UNIQUE (proposal_id, decider)
);

-- What a customer was created with is not in here: it is the `from_tier` of the first change, else the customer's own.
CREATE TABLE tier_changes (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    proposal_id BLOB NOT NULL REFERENCES tier_proposals (id),
    from_tier TEXT NOT NULL,
    to_tier TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    effective_at INTEGER NOT NULL
);

CREATE INDEX tier_changes_customer ON tier_changes (customer_id, effective_at, id);

-- The newest that scoring proposed of each customer, whatever became of it: an older one that comes late is ignored.
CREATE TABLE scored_tiers (
    customer_id BLOB PRIMARY KEY NOT NULL REFERENCES customers (id),
    sequence BIGINT NOT NULL,
    tier TEXT NOT NULL
);

-- Examples; the first is how customers are tiered until another is activated.
INSERT INTO tier_policies (id, code, revision, name, name_zh, tiers, active, version, created_at, updated_at) VALUES
    (X'019ACC00000070008000000000000001', 'sabc', 1, 'Strategic, partner, value, general', '战略/伙伴/价值/一般', jsonb('[
        {"code": "S", "name": "Strategic", "name_zh": "战略", "rank": 1, "key_customer": true, "counts_as": "S", "approvals_to_enter": 2, "approvals_to_leave": 2, "review_days": 90},
        {"code": "A", "name": "Partner", "name_zh": "伙伴", "rank": 2, "key_customer": true, "counts_as": "A", "approvals_to_enter": 2, "approvals_to_leave": 2, "review_days": 90},
        {"code": "B", "name": "Value", "name_zh": "价值/优先", "rank": 3, "key_customer": false, "counts_as": "B", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 90},
        {"code": "C", "name": "General", "name_zh": "一般", "rank": 4, "key_customer": false, "counts_as": "C", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 180}
    ]'), 1, 1, 1767225600000000, 1767225600000000),
    (X'019ACC00000070008000000000000002', 'abc', 1, 'A, B, C', 'A/B/C 类客户', jsonb('[
        {"code": "A", "name": "Major", "name_zh": "重要", "rank": 1, "key_customer": true, "counts_as": "A", "approvals_to_enter": 2, "approvals_to_leave": 1, "review_days": 90},
        {"code": "B", "name": "Medium", "name_zh": "中等", "rank": 2, "key_customer": false, "counts_as": "B", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 180},
        {"code": "C", "name": "Small", "name_zh": "小型", "rank": 3, "key_customer": false, "counts_as": "C", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 365}
    ]'), 0, 1, 1767225600000000, 1767225600000000),
    (X'019ACC00000070008000000000000003', 'key-ordinary', 1, 'Key and ordinary', '大客户/普通客户', jsonb('[
        {"code": "key", "name": "Key customer", "name_zh": "大客户", "rank": 1, "key_customer": true, "counts_as": "A", "approvals_to_enter": 2, "approvals_to_leave": 2, "review_days": 90},
        {"code": "ordinary", "name": "Ordinary customer", "name_zh": "普通客户", "rank": 2, "key_customer": false, "counts_as": "C", "approvals_to_enter": 1, "approvals_to_leave": 1, "review_days": 365}
    ]'), 0, 1, 1767225600000000, 1767225600000000);
