CREATE TABLE lifecycle_moves (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    from_stage text NOT NULL,
    to_stage text NOT NULL,
    moved_at timestamptz NOT NULL,
    moved_by text NOT NULL,
    rule text,
    policy bigint,
    order_system text,
    order_id text,
    ordered_on date,
    reason text
);

CREATE INDEX lifecycle_moves_customer ON lifecycle_moves (customer_id, moved_at, id);

CREATE TABLE order_facts (
    system text NOT NULL,
    order_id text NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id),
    ordered_on date NOT NULL,
    cancelled boolean NOT NULL,
    source_updated_at timestamptz,
    CONSTRAINT order_facts_key PRIMARY KEY (system, order_id)
);

CREATE INDEX order_facts_customer ON order_facts (customer_id, ordered_on);

CREATE TABLE lifecycle_policies (
    version bigint PRIMARY KEY,
    repeat_within_days integer NOT NULL,
    lapse_after_days integer NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL
);
