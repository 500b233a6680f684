DROP TABLE moved_interactions;
DROP TABLE merged_customers;
