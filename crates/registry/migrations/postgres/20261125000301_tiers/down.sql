DROP TABLE scored_tiers;
DROP TABLE tier_changes;
DROP TABLE tier_decisions;
DROP TABLE tier_proposals;
DROP TABLE tier_policies;
