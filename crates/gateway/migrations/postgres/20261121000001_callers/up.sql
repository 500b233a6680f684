CREATE TABLE users (
    id            uuid PRIMARY KEY,
    login         text        NOT NULL CONSTRAINT users_login_key UNIQUE,
    display_name  text        NOT NULL,
    password_hash text        NOT NULL,
    roles         jsonb       NOT NULL,
    disabled      boolean     NOT NULL,
    version       bigint      NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);

-- Only the hash of a key or a session's token is kept: whoever reads these tables can call nothing with them.
CREATE TABLE api_keys (
    id           uuid PRIMARY KEY,
    name         text        NOT NULL,
    hint         text,
    key_hash     bytea       NOT NULL CONSTRAINT api_keys_key_hash_key UNIQUE,
    roles        jsonb       NOT NULL,
    version      bigint      NOT NULL,
    created_by   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);

CREATE TABLE sessions (
    id         uuid PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea       NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
