-- What customers are looked up by when they are compared: only those that share a key ever are.
CREATE TABLE duplicate_keys (
    kind SMALLINT NOT NULL,
    value TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    PRIMARY KEY (kind, value, customer_id)
) WITHOUT ROWID;

CREATE INDEX duplicate_keys_customer ON duplicate_keys (customer_id);

CREATE TABLE duplicate_pairs (
    id BLOB PRIMARY KEY NOT NULL,
    first_id BLOB NOT NULL REFERENCES customers (id),
    second_id BLOB NOT NULL REFERENCES customers (id),
    score INTEGER NOT NULL,
    reasons BLOB NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (first_id, second_id)
);

CREATE INDEX duplicate_pairs_second ON duplicate_pairs (second_id);
CREATE INDEX duplicate_pairs_score ON duplicate_pairs (score, id);

-- Customers that are still to be compared.
CREATE TABLE duplicate_queue (customer_id BLOB PRIMARY KEY NOT NULL) WITHOUT ROWID;

INSERT INTO duplicate_queue SELECT id FROM customers;
