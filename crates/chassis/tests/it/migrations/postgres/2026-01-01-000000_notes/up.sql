CREATE TABLE notes (
    id uuid PRIMARY KEY NOT NULL,
    title TEXT NOT NULL,
    version BIGINT NOT NULL
);
