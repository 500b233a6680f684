DROP TABLE employee_external_ids;
DROP TABLE employees;
DROP TABLE teams;
