CREATE TABLE outbox (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          uuid NOT NULL,
    event_type  text NOT NULL,
    traceparent text,
    body        text NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE TABLE inbox (
    event_id    uuid PRIMARY KEY,
    received_at timestamptz NOT NULL
);
CREATE INDEX inbox_received_at ON inbox (received_at);
