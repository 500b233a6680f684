-- Who belonged to whom, when. A link that ends on its first day was withdrawn. That on no day anybody belongs to two, or
-- to itself, is seen to by the one writer there is; `customers.parent_id` is today's.
CREATE TABLE customer_links (
    id BLOB PRIMARY KEY NOT NULL,
    child_id BLOB NOT NULL REFERENCES customers (id),
    parent_id BLOB NOT NULL REFERENCES customers (id),
    kind TEXT NOT NULL,
    from_day DATE NOT NULL,
    until_day DATE,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (until_day >= from_day)
);

CREATE INDEX customer_links_child ON customer_links (child_id, from_day, id);
CREATE INDEX customer_links_parent ON customer_links (parent_id, from_day);

INSERT INTO customer_links (id, child_id, parent_id, kind, from_day, version, created_at, updated_at)
SELECT randomblob(16), id, parent_id, 'member', date(created_at / 1000000, 'unixepoch'), 1, updated_at, updated_at
FROM customers WHERE parent_id IS NOT NULL;
