-- The first answer to each Idempotency-Key, or the lease of the request that is still running.
CREATE TABLE idempotency_keys (
    caller text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    reserved_id uuid NOT NULL,
    leased_until timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    status integer,
    content_type text,
    location text,
    etag text,
    body bytea,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);

-- Keys that all replicas of the service share.
CREATE TABLE service_secrets (
    name text PRIMARY KEY,
    secret bytea NOT NULL
);

CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    resource text NOT NULL,
    resource_id uuid NOT NULL,
    traceparent text
);
CREATE INDEX audit_entries_resource ON audit_entries (resource, resource_id, at);
