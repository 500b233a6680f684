-- What the registry has told of customers.
CREATE TABLE known_customers (
    customer_id BLOB PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL,
    code TEXT NOT NULL,
    tier TEXT NOT NULL,
    owner TEXT
);

CREATE INDEX known_customers_code ON known_customers (code);

-- The registry gives a key to one customer at a time; while it moves, the events of both may be here in any order.
CREATE TABLE known_external_ids (
    system TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id BLOB NOT NULL REFERENCES known_customers (customer_id),
    PRIMARY KEY (system, external_id, customer_id)
);

CREATE INDEX known_external_ids_customer ON known_external_ids (customer_id);
