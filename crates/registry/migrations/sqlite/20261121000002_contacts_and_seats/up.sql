CREATE TABLE contacts (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    name TEXT NOT NULL,
    title TEXT,
    email TEXT,
    phone TEXT,
    preferred_channel TEXT,
    language TEXT,
    note TEXT,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX contacts_name ON contacts (name, id);
CREATE INDEX contacts_created_at ON contacts (created_at, id);
CREATE INDEX contacts_updated_at ON contacts (updated_at, id);
CREATE INDEX contacts_customer ON contacts (customer_id, name, id);

CREATE TABLE positions (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    title TEXT NOT NULL,
    level INTEGER,
    reports_to BLOB REFERENCES positions (id),
    decision_role TEXT,
    vote_weight INTEGER,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX positions_customer ON positions (customer_id, created_at, id);

-- `customer_id` is the seat's and the contact's alike, and never changes.
CREATE TABLE holdings (
    id BLOB PRIMARY KEY NOT NULL,
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    position_id BLOB NOT NULL REFERENCES positions (id),
    customer_id BLOB NOT NULL REFERENCES customers (id),
    from_day DATE NOT NULL,
    until_day DATE,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX holdings_contact ON holdings (contact_id, created_at, id);
CREATE INDEX holdings_position ON holdings (position_id);
