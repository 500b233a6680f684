-- To whom our people report, and who leads their team: whom escalations go to.
ALTER TABLE known_employees ADD COLUMN team_lead_id uuid;
ALTER TABLE known_employees ADD COLUMN manager_id uuid;
ALTER TABLE known_employees ADD COLUMN active_until date;

-- Of the registry's account teams: the executive sponsors.
CREATE TABLE known_sponsors (
    team_member_id uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    customer_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    from_day date NOT NULL,
    until_day date
);

CREATE INDEX known_sponsors_customer ON known_sponsors (customer_id);

-- Of the registry's customers: the language of those that speak another than the one that is used where none is known.
CREATE TABLE customer_languages (
    customer_id uuid PRIMARY KEY,
    language text NOT NULL
);

-- Who stood for a role when a step of the ladder was taken, as far as it was known; user names in small letters.
CREATE TABLE escalation_recipients (
    escalation_id uuid NOT NULL REFERENCES escalations (id),
    role text NOT NULL,
    user_name text NOT NULL,
    PRIMARY KEY (escalation_id, role)
);

CREATE INDEX escalation_recipients_user ON escalation_recipients (user_name, escalation_id);
CREATE INDEX escalations_fired ON escalations (fired_at, id);
