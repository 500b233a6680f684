-- Of the registry's people: in which team who handles complaints is. `code` is the user name in small letters.
CREATE TABLE known_employees (
    employee_id uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    code text NOT NULL,
    team text
);

CREATE INDEX known_employees_code ON known_employees (code);
