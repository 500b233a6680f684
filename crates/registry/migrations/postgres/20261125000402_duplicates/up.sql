-- What customers are looked up by when they are compared: only those that share a key ever are.
CREATE TABLE duplicate_keys (
    kind smallint NOT NULL,
    value text COLLATE "C" NOT NULL,
    customer_id uuid NOT NULL,
    CONSTRAINT duplicate_keys_key PRIMARY KEY (kind, value, customer_id)
);

CREATE INDEX duplicate_keys_customer ON duplicate_keys (customer_id);

CREATE TABLE duplicate_pairs (
    id uuid PRIMARY KEY,
    first_id uuid NOT NULL REFERENCES customers (id),
    second_id uuid NOT NULL REFERENCES customers (id),
    score integer NOT NULL,
    reasons jsonb NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT duplicate_pairs_both UNIQUE (first_id, second_id)
);

CREATE INDEX duplicate_pairs_second ON duplicate_pairs (second_id);
CREATE INDEX duplicate_pairs_score ON duplicate_pairs (score, id);

-- Customers that are still to be compared.
CREATE TABLE duplicate_queue (customer_id uuid PRIMARY KEY);

INSERT INTO duplicate_queue SELECT id FROM customers;
