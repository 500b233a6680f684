CREATE TABLE bindings (
    queue      TEXT NOT NULL,
    event_type TEXT NOT NULL,
    PRIMARY KEY (queue, event_type)
) WITHOUT ROWID;

CREATE TABLE messages (
    position     INTEGER PRIMARY KEY AUTOINCREMENT,
    queue        TEXT NOT NULL,
    event_type   TEXT NOT NULL,
    body         BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    visible_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    deliveries   INTEGER NOT NULL DEFAULT 0,
    dead_at      INTEGER,
    reason       TEXT
);
CREATE INDEX messages_waiting ON messages (queue, visible_at) WHERE dead_at IS NULL;
CREATE INDEX messages_dead ON messages (queue) WHERE dead_at IS NOT NULL;
