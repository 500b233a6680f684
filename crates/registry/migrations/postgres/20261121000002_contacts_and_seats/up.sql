CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    name text COLLATE "C" NOT NULL,
    title text,
    email text,
    phone text,
    preferred_channel text,
    language text,
    note text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX contacts_name ON contacts (name, id);
CREATE INDEX contacts_created_at ON contacts (created_at, id);
CREATE INDEX contacts_updated_at ON contacts (updated_at, id);
CREATE INDEX contacts_customer ON contacts (customer_id, name, id);

CREATE TABLE positions (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    title text NOT NULL,
    level integer,
    reports_to uuid REFERENCES positions (id),
    decision_role text,
    vote_weight integer,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX positions_customer ON positions (customer_id, created_at, id);

-- `customer_id` is the seat's and the contact's alike, and never changes.
CREATE TABLE holdings (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts (id),
    position_id uuid NOT NULL REFERENCES positions (id),
    customer_id uuid NOT NULL REFERENCES customers (id),
    from_day date NOT NULL,
    until_day date,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX holdings_contact ON holdings (contact_id, created_at, id);
CREATE INDEX holdings_position ON holdings (position_id);
