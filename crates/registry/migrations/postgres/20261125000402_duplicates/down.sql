DROP TABLE duplicate_queue;
DROP TABLE duplicate_pairs;
DROP TABLE duplicate_keys;
