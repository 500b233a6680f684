-- Who owns a customer now stands in `customers.owner` and nowhere else; here is who did before, without a gap: what owned it
-- first began with the customer, what owns it now began where the last of these ended.
CREATE TABLE owner_periods (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    owner TEXT,
    from_day DATE NOT NULL,
    until_day DATE NOT NULL,
    ended_at INTEGER NOT NULL,
    transfer_id BLOB
);

CREATE INDEX owner_periods_customer ON owner_periods (customer_id, ended_at, id);

-- Members other than the owner.
CREATE TABLE team_members (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    employee_id BLOB NOT NULL REFERENCES employees (id),
    role TEXT NOT NULL,
    from_day DATE NOT NULL,
    until_day DATE,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX team_members_customer ON team_members (customer_id, from_day, id);
CREATE INDEX team_members_employee ON team_members (employee_id, customer_id);

-- What is owed to customers, as complaints and interactions tell of it.
CREATE TABLE open_items (
    kind TEXT NOT NULL,
    item_id BLOB NOT NULL,
    customer_id BLOB,
    label TEXT,
    owner TEXT,
    due_at INTEGER,
    open BOOLEAN NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (kind, item_id)
);

CREATE INDEX open_items_customer ON open_items (customer_id, kind, item_id) WHERE open;

CREATE TABLE transfers (
    id BLOB PRIMARY KEY NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customers (id),
    from_owner TEXT,
    to_owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    effective_on DATE NOT NULL,
    state TEXT NOT NULL,
    started_by TEXT NOT NULL,
    ended_by TEXT,
    ended_at INTEGER,
    sequence BIGINT,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX transfers_created_at ON transfers (created_at, id);
CREATE INDEX transfers_customer ON transfers (customer_id, created_at, id);
CREATE INDEX transfers_to_owner ON transfers (to_owner, created_at, id);

CREATE TABLE transfer_items (
    id BLOB PRIMARY KEY NOT NULL,
    transfer_id BLOB NOT NULL REFERENCES transfers (id),
    kind TEXT NOT NULL,
    item_id BLOB NOT NULL,
    label TEXT,
    owner TEXT,
    due_at INTEGER,
    outcome TEXT,
    note TEXT,
    ticked_by TEXT,
    ticked_at INTEGER,
    UNIQUE (transfer_id, kind, item_id)
);
