-- Of the registry's people: in which team who handles complaints is. `code` is the user name in small letters.
CREATE TABLE known_employees (
    employee_id BLOB PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL,
    code TEXT NOT NULL,
    team TEXT
);

CREATE INDEX known_employees_code ON known_employees (code);
