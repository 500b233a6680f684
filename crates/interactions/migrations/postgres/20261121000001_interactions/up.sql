CREATE SEQUENCE interaction_code;

CREATE TABLE interactions (
    id               uuid PRIMARY KEY,
    code             text NOT NULL UNIQUE,
    customer_id      uuid NOT NULL,
    occurred_at      timestamptz NOT NULL,
    duration_minutes integer,
    channel          text NOT NULL,
    means            text NOT NULL,
    subject          text NOT NULL,
    notes            text,
    outcome          smallint,
    next_step        text,
    version          bigint NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE INDEX interactions_customer ON interactions (customer_id, occurred_at, id);
CREATE INDEX interactions_occurred ON interactions (occurred_at, id);
CREATE INDEX interactions_created ON interactions (created_at, id);
CREATE INDEX interactions_updated ON interactions (updated_at, id);

CREATE TABLE interaction_contacts (
    interaction_id uuid NOT NULL REFERENCES interactions (id) ON DELETE CASCADE,
    place          integer NOT NULL,
    contact_id     uuid NOT NULL,
    PRIMARY KEY (interaction_id, place)
);
CREATE INDEX interaction_contacts_contact ON interaction_contacts (contact_id, interaction_id);

CREATE TABLE interaction_staff (
    interaction_id uuid NOT NULL REFERENCES interactions (id) ON DELETE CASCADE,
    place          integer NOT NULL,
    staff          text NOT NULL,
    PRIMARY KEY (interaction_id, place)
);
CREATE INDEX interaction_staff_staff ON interaction_staff (staff, interaction_id);

CREATE TABLE known_customers (
    customer_id uuid PRIMARY KEY,
    sequence    bigint NOT NULL,
    code        text NOT NULL,
    tier        text NOT NULL,
    owner       text
);
CREATE INDEX known_customers_code ON known_customers (code);
