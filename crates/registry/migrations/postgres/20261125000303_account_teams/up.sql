-- Who owns a customer now stands in `customers.owner` and nowhere else; here is who did before, without a gap: what owned it
-- first began with the customer, what owns it now began where the last of these ended.
CREATE TABLE owner_periods (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    owner text,
    from_day date NOT NULL,
    until_day date NOT NULL,
    ended_at timestamptz NOT NULL,
    transfer_id uuid
);

CREATE INDEX owner_periods_customer ON owner_periods (customer_id, ended_at, id);

-- Members other than the owner.
CREATE TABLE team_members (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    employee_id uuid NOT NULL REFERENCES employees (id),
    role text NOT NULL,
    from_day date NOT NULL,
    until_day date,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX team_members_customer ON team_members (customer_id, from_day, id);
CREATE INDEX team_members_employee ON team_members (employee_id, customer_id);

-- What is owed to customers, as complaints and interactions tell of it.
CREATE TABLE open_items (
    kind text NOT NULL,
    item_id uuid NOT NULL,
    customer_id uuid,
    label text,
    owner text,
    due_at timestamptz,
    open boolean NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT open_items_key PRIMARY KEY (kind, item_id)
);

CREATE INDEX open_items_customer ON open_items (customer_id, kind, item_id) WHERE open;

CREATE TABLE transfers (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    from_owner text,
    to_owner text NOT NULL,
    reason text NOT NULL,
    effective_on date NOT NULL,
    state text NOT NULL,
    started_by text NOT NULL,
    ended_by text,
    ended_at timestamptz,
    sequence bigint,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX transfers_created_at ON transfers (created_at, id);
CREATE INDEX transfers_customer ON transfers (customer_id, created_at, id);
CREATE INDEX transfers_to_owner ON transfers (to_owner, created_at, id);

CREATE TABLE transfer_items (
    id uuid PRIMARY KEY,
    transfer_id uuid NOT NULL REFERENCES transfers (id),
    kind text NOT NULL,
    item_id uuid NOT NULL,
    label text,
    owner text,
    due_at timestamptz,
    outcome text,
    note text,
    ticked_by text,
    ticked_at timestamptz,
    CONSTRAINT transfer_items_item UNIQUE (transfer_id, kind, item_id)
);
