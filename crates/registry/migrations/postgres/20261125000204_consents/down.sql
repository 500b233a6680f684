DROP TABLE consent_entries;
