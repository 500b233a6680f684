DROP TABLE audit_entries;
DROP TABLE service_secrets;
DROP TABLE idempotency_keys;
