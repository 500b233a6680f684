-- The files themselves are in the store, as `<complaint>/<id>`; one without a row here is swept away.
CREATE TABLE attachments (
    id BLOB PRIMARY KEY NOT NULL,
    complaint_id BLOB NOT NULL REFERENCES complaints (id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL
);

CREATE INDEX attachments_complaint ON attachments (complaint_id, at, id);
