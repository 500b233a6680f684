DROP TABLE messages;
DROP TABLE bindings;
