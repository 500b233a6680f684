DROP TABLE closure_rules;
DROP TABLE corrective_actions;
DROP TABLE causes;
