-- An `opportunity_id` of zeros means the customer's own chain: a key must not hold NULL.

-- One row a chain that anything was set of: `id` is the customer's for its own chain, the opportunity's for one of those.
CREATE TABLE decision_chains (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    opportunity_id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX decision_chains_customer ON decision_chains (customer_id);

CREATE TABLE chain_seats (
    position_id uuid NOT NULL REFERENCES positions (id),
    opportunity_id uuid NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id),
    decision_role text,
    vote_weight integer,
    matching_employee text,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (position_id, opportunity_id)
);

CREATE INDEX chain_seats_customer ON chain_seats (customer_id, opportunity_id);

CREATE TABLE influences (
    from_position uuid NOT NULL REFERENCES positions (id),
    to_position uuid NOT NULL REFERENCES positions (id),
    opportunity_id uuid NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id),
    strength integer NOT NULL CHECK (strength BETWEEN -3 AND 3 AND strength <> 0),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (from_position, to_position, opportunity_id),
    CHECK (from_position <> to_position)
);

CREATE INDEX influences_customer ON influences (customer_id, opportunity_id);

CREATE TABLE stance_readings (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    position_id uuid NOT NULL REFERENCES positions (id),
    contact_id uuid NOT NULL REFERENCES contacts (id),
    opportunity_id uuid NOT NULL,
    stance text NOT NULL,
    read_on date NOT NULL,
    read_by text NOT NULL,
    note text,
    created_at timestamptz NOT NULL
);

CREATE INDEX stance_readings_customer ON stance_readings (customer_id, opportunity_id);
CREATE INDEX stance_readings_position ON stance_readings (position_id, read_on, id);
CREATE INDEX stance_readings_contact ON stance_readings (contact_id);

CREATE INDEX holdings_customer ON holdings (customer_id, from_day, id);
