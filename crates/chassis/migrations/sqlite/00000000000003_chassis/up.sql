-- The first answer to each Idempotency-Key, or the lease of the request that is still running.
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    reserved_id BLOB NOT NULL,
    leased_until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    status INTEGER,
    content_type TEXT,
    location TEXT,
    etag TEXT,
    body BLOB,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);

-- Keys that all replicas of the service share.
CREATE TABLE service_secrets (
    name TEXT PRIMARY KEY NOT NULL,
    secret BLOB NOT NULL
);

CREATE TABLE audit_entries (
    id BLOB PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    resource TEXT NOT NULL,
    resource_id BLOB NOT NULL,
    traceparent TEXT
);
CREATE INDEX audit_entries_resource ON audit_entries (resource, resource_id, at);
