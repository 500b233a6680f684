DROP TABLE detector_rules;
DROP TABLE signals;
DROP TABLE watched_customers;
DROP TABLE observed_facts;
