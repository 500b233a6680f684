INSERT INTO counters (name, value) VALUES ('interaction_code', 0);

CREATE TABLE interactions (
    id               BLOB PRIMARY KEY NOT NULL,
    code             TEXT NOT NULL UNIQUE,
    customer_id      BLOB NOT NULL,
    occurred_at      INTEGER NOT NULL,
    duration_minutes INTEGER,
    channel          TEXT NOT NULL,
    means            TEXT NOT NULL,
    subject          TEXT NOT NULL,
    notes            TEXT,
    outcome          SMALLINT,
    next_step        TEXT,
    version          BIGINT NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX interactions_customer ON interactions (customer_id, occurred_at, id);
CREATE INDEX interactions_occurred ON interactions (occurred_at, id);
CREATE INDEX interactions_created ON interactions (created_at, id);
CREATE INDEX interactions_updated ON interactions (updated_at, id);

CREATE TABLE interaction_contacts (
    interaction_id BLOB NOT NULL REFERENCES interactions (id) ON DELETE CASCADE,
    place          INTEGER NOT NULL,
    contact_id     BLOB NOT NULL,
    PRIMARY KEY (interaction_id, place)
) WITHOUT ROWID;
CREATE INDEX interaction_contacts_contact ON interaction_contacts (contact_id, interaction_id);

CREATE TABLE interaction_staff (
    interaction_id BLOB NOT NULL REFERENCES interactions (id) ON DELETE CASCADE,
    place          INTEGER NOT NULL,
    staff          TEXT NOT NULL,
    PRIMARY KEY (interaction_id, place)
) WITHOUT ROWID;
CREATE INDEX interaction_staff_staff ON interaction_staff (staff, interaction_id);

CREATE TABLE known_customers (
    customer_id BLOB PRIMARY KEY NOT NULL,
    sequence    BIGINT NOT NULL,
    code        TEXT NOT NULL,
    tier        TEXT NOT NULL,
    owner       TEXT
) WITHOUT ROWID;
CREATE INDEX known_customers_code ON known_customers (code);
