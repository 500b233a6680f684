-- The policy's own tier that a customer had before, where people had decided on one: several may count alike.
ALTER TABLE tier_changes ADD COLUMN from_policy_tier text;

-- The import whose row made the proposal, and whether it was withdrawn with that import and not by anybody.
ALTER TABLE tier_proposals ADD COLUMN import_id uuid;
ALTER TABLE tier_proposals ADD COLUMN taken_back boolean NOT NULL DEFAULT FALSE;

-- Whence the tier is that a customer began with, where a file or another system's record gave one above the lowest.
CREATE TABLE first_tiers (
    customer_id uuid PRIMARY KEY REFERENCES customers (id),
    import_id uuid,
    system text COLLATE "C"
);
