-- Numbers that people read (C-000123). PostgreSQL takes them from sequences, which do not serialise writers.
CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    value BIGINT NOT NULL
);
