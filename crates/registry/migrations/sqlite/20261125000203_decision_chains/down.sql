DROP INDEX holdings_customer;
DROP TABLE stance_readings;
DROP TABLE influences;
DROP TABLE chain_seats;
DROP TABLE decision_chains;
