DROP TABLE first_tiers;
ALTER TABLE tier_proposals DROP COLUMN taken_back;
ALTER TABLE tier_proposals DROP COLUMN import_id;
ALTER TABLE tier_changes DROP COLUMN from_policy_tier;
