-- What a row of an import costs is mostly what its indexes and foreign keys do. An index says nothing of what is absent:
-- most customers have no custom fields, no second role, or no owner yet.
DROP INDEX customers_custom_fields;
CREATE INDEX customers_custom_fields ON customers USING gin (custom_fields) WHERE custom_fields <> '{}';
DROP INDEX customers_roles;
CREATE INDEX customers_roles ON customers USING gin (roles) WHERE roles <> '[]';
DROP INDEX customers_owner;
CREATE INDEX customers_owner ON customers (owner, sort_name, id) WHERE owner IS NOT NULL;

-- Imports are never deleted, and whoever writes a customer's key has locked the customer.
ALTER TABLE import_rows DROP CONSTRAINT import_rows_import_id_fkey;
ALTER TABLE customer_external_ids DROP CONSTRAINT customer_external_ids_customer_id_fkey;
