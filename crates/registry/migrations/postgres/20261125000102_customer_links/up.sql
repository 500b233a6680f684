-- Who belonged to whom, when. A link that ends on its first day was withdrawn. That on no day anybody belongs to two, or
-- to itself, is seen to under one lock; `customers.parent_id` is today's.
CREATE TABLE customer_links (
    id uuid PRIMARY KEY,
    child_id uuid NOT NULL REFERENCES customers (id),
    parent_id uuid NOT NULL REFERENCES customers (id),
    kind text NOT NULL,
    from_day date NOT NULL,
    until_day date,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT customer_links_days CHECK (until_day >= from_day)
);

CREATE INDEX customer_links_child ON customer_links (child_id, from_day, id);
CREATE INDEX customer_links_parent ON customer_links (parent_id, from_day);

INSERT INTO customer_links (id, child_id, parent_id, kind, from_day, version, created_at, updated_at)
SELECT gen_random_uuid(), id, parent_id, 'member', (created_at AT TIME ZONE 'UTC')::date, 1, updated_at, updated_at
FROM customers WHERE parent_id IS NOT NULL;
