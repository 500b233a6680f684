DROP TABLE moved_complaints;
DROP TABLE merged_customers;
