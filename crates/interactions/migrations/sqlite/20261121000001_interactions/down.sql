DROP TABLE known_customers;
DROP TABLE interaction_staff;
DROP TABLE interaction_contacts;
DROP TABLE interactions;
DELETE FROM counters WHERE name = 'interaction_code';
