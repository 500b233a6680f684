CREATE TABLE teams (
    id BLOB PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    parent_id BLOB REFERENCES teams (id),
    lead_id BLOB,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX teams_name ON teams (name, id);

CREATE TABLE employees (
    id BLOB PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    title TEXT,
    rank INTEGER,
    email TEXT,
    team_id BLOB REFERENCES teams (id),
    manager_id BLOB REFERENCES employees (id),
    active_from DATE NOT NULL,
    active_until DATE,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE INDEX employees_name ON employees (name, id);
CREATE INDEX employees_updated_at ON employees (updated_at, id);
CREATE INDEX employees_team ON employees (team_id);
CREATE INDEX employees_manager ON employees (manager_id, code);

CREATE TABLE employee_external_ids (
    system TEXT NOT NULL,
    external_id TEXT NOT NULL,
    employee_id BLOB NOT NULL REFERENCES employees (id),
    PRIMARY KEY (system, external_id)
);

CREATE INDEX employee_external_ids_employee ON employee_external_ids (employee_id, system, external_id);
