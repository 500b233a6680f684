CREATE TABLE teams (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL CONSTRAINT teams_code_key UNIQUE,
    name text COLLATE "C" NOT NULL,
    parent_id uuid REFERENCES teams (id),
    lead_id uuid,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX teams_name ON teams (name, id);

CREATE TABLE employees (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL CONSTRAINT employees_code_key UNIQUE,
    name text COLLATE "C" NOT NULL,
    title text,
    rank integer,
    email text,
    team_id uuid REFERENCES teams (id),
    manager_id uuid REFERENCES employees (id),
    active_from date NOT NULL,
    active_until date,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX employees_name ON employees (name, id);
CREATE INDEX employees_updated_at ON employees (updated_at, id);
CREATE INDEX employees_team ON employees (team_id);
CREATE INDEX employees_manager ON employees (manager_id, code);

CREATE TABLE employee_external_ids (
    system text NOT NULL,
    external_id text NOT NULL,
    employee_id uuid NOT NULL REFERENCES employees (id),
    CONSTRAINT employee_external_ids_key PRIMARY KEY (system, external_id)
);

CREATE INDEX employee_external_ids_employee ON employee_external_ids (employee_id, system, external_id);
