CREATE TABLE custom_fields (
    id BLOB PRIMARY KEY NOT NULL,
    key TEXT NOT NULL UNIQUE,
    label_en TEXT NOT NULL,
    label_zh TEXT NOT NULL,
    type TEXT NOT NULL,
    required BOOLEAN NOT NULL,
    rules BLOB NOT NULL,
    retired BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

-- X'0C' is `{}` in SQLite's JSONB; the default of an added column must be a constant.
ALTER TABLE customers ADD COLUMN custom_fields BLOB NOT NULL DEFAULT X'0C';
