DROP TABLE known_employees;
