ALTER TABLE customers ADD COLUMN merged_into uuid REFERENCES customers (id);

CREATE INDEX customers_merged_into ON customers (merged_into) WHERE merged_into IS NOT NULL;

-- `before` holds the survivor's own values of the fields that were taken from the merged one, `taken` what was taken.
CREATE TABLE merges (
    id uuid PRIMARY KEY,
    survivor_id uuid NOT NULL REFERENCES customers (id),
    merged_id uuid NOT NULL REFERENCES customers (id),
    merged_code text NOT NULL,
    before jsonb NOT NULL,
    taken jsonb NOT NULL,
    moved jsonb NOT NULL,
    reason text,
    merged_at timestamptz NOT NULL,
    merged_by text NOT NULL,
    undone_at timestamptz,
    undone_by text
);

CREATE INDEX merges_survivor ON merges (survivor_id, merged_at, id);
CREATE UNIQUE INDEX merges_standing ON merges (merged_id) WHERE undone_at IS NULL;

-- Which rows went along, so that undoing a merge brings back exactly these.
CREATE TABLE merge_moves (
    merge_id uuid NOT NULL REFERENCES merges (id),
    part text NOT NULL,
    row_key text NOT NULL,
    PRIMARY KEY (merge_id, part, row_key)
);
