DROP INDEX import_rows_refused;
DROP TABLE contact_reads;
DROP TABLE legal_holds;
DROP TABLE contact_erasures;
ALTER TABLE contacts DROP COLUMN erased_at;
