CREATE TABLE outbox (
    position    INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB NOT NULL,
    event_type  TEXT NOT NULL,
    traceparent TEXT,
    body        TEXT NOT NULL,
    created_at  INTEGER NOT NULL
);

CREATE TABLE inbox (
    event_id    BLOB PRIMARY KEY,
    received_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX inbox_received_at ON inbox (received_at);
