DROP TABLE due_contacts;
