-- To whom our people report, and who leads their team: whom escalations go to.
ALTER TABLE known_employees ADD COLUMN team_lead_id BLOB;
ALTER TABLE known_employees ADD COLUMN manager_id BLOB;
ALTER TABLE known_employees ADD COLUMN active_until TEXT;

-- Of the registry's account teams: the executive sponsors.
CREATE TABLE known_sponsors (
    team_member_id BLOB PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL,
    customer_id BLOB NOT NULL,
    employee_id BLOB NOT NULL,
    from_day TEXT NOT NULL,
    until_day TEXT
);

CREATE INDEX known_sponsors_customer ON known_sponsors (customer_id);

-- Of the registry's customers: the language of those that speak another than the one that is used where none is known.
CREATE TABLE customer_languages (
    customer_id BLOB PRIMARY KEY NOT NULL,
    language TEXT NOT NULL
);

-- Who stood for a role when a step of the ladder was taken, as far as it was known; user names in small letters.
CREATE TABLE escalation_recipients (
    escalation_id BLOB NOT NULL REFERENCES escalations (id),
    role TEXT NOT NULL,
    user_name TEXT NOT NULL,
    PRIMARY KEY (escalation_id, role)
);

CREATE INDEX escalation_recipients_user ON escalation_recipients (user_name, escalation_id);
CREATE INDEX escalations_fired ON escalations (fired_at, id);
