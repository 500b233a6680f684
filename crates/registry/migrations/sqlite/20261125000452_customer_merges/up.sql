ALTER TABLE customers ADD COLUMN merged_into BLOB REFERENCES customers (id);

CREATE INDEX customers_merged_into ON customers (merged_into) WHERE merged_into IS NOT NULL;

-- `before` holds the survivor's own values of the fields that were taken from the merged one, `taken` what was taken.
CREATE TABLE merges (
    id BLOB PRIMARY KEY NOT NULL,
    survivor_id BLOB NOT NULL REFERENCES customers (id),
    merged_id BLOB NOT NULL REFERENCES customers (id),
    merged_code TEXT NOT NULL,
    before BLOB NOT NULL,
    taken BLOB NOT NULL,
    moved BLOB NOT NULL,
    reason TEXT,
    merged_at INTEGER NOT NULL,
    merged_by TEXT NOT NULL,
    undone_at INTEGER,
    undone_by TEXT
);

CREATE INDEX merges_survivor ON merges (survivor_id, merged_at, id);
CREATE UNIQUE INDEX merges_standing ON merges (merged_id) WHERE undone_at IS NULL;

-- Which rows went along, so that undoing a merge brings back exactly these.
CREATE TABLE merge_moves (
    merge_id BLOB NOT NULL REFERENCES merges (id),
    part TEXT NOT NULL,
    row_key TEXT NOT NULL,
    PRIMARY KEY (merge_id, part, row_key)
);
