DROP TABLE known_customers;
DROP TABLE interaction_staff;
DROP TABLE interaction_contacts;
DROP TABLE interactions;
DROP SEQUENCE interaction_code;
