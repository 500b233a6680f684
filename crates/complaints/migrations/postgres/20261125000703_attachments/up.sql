-- The files themselves are in the store, as `<complaint>/<id>`; one without a row here is swept away.
CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaints (id),
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL
);

CREATE INDEX attachments_complaint ON attachments (complaint_id, at, id);
