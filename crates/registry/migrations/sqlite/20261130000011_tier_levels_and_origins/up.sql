-- The policy's own tier that a customer had before, where people had decided on one: several may count alike.
ALTER TABLE tier_changes ADD COLUMN from_policy_tier TEXT;

-- The import whose row made the proposal, and whether it was withdrawn with that import and not by anybody.
ALTER TABLE tier_proposals ADD COLUMN import_id BLOB;
ALTER TABLE tier_proposals ADD COLUMN taken_back BOOLEAN NOT NULL DEFAULT FALSE;

-- Whence the tier is that a customer began with, where a file or another system's record gave one above the lowest.
CREATE TABLE first_tiers (
    customer_id BLOB PRIMARY KEY NOT NULL REFERENCES customers (id),
    import_id BLOB,
    system TEXT
);
