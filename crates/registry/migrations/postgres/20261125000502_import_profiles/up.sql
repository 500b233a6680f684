CREATE TABLE import_profiles (
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL CONSTRAINT import_profiles_name_key UNIQUE,
    reading jsonb NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
