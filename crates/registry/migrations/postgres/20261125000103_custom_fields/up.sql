CREATE TABLE custom_fields (
    id uuid PRIMARY KEY,
    key text COLLATE "C" NOT NULL CONSTRAINT custom_fields_key UNIQUE,
    label_en text NOT NULL,
    label_zh text NOT NULL,
    type text NOT NULL,
    required boolean NOT NULL,
    rules jsonb NOT NULL,
    retired boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

ALTER TABLE customers ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}';
CREATE INDEX customers_custom_fields ON customers USING gin (custom_fields);
