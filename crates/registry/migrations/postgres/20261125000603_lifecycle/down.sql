DROP TABLE lifecycle_policies;
DROP TABLE order_facts;
DROP TABLE lifecycle_moves;
