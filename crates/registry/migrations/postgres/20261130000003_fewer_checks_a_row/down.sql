ALTER TABLE customer_external_ids ADD CONSTRAINT customer_external_ids_customer_id_fkey
    FOREIGN KEY (customer_id) REFERENCES customers (id);
ALTER TABLE import_rows ADD CONSTRAINT import_rows_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports (id);

DROP INDEX customers_owner;
CREATE INDEX customers_owner ON customers (owner, sort_name, id);
DROP INDEX customers_roles;
CREATE INDEX customers_roles ON customers USING gin (roles);
DROP INDEX customers_custom_fields;
CREATE INDEX customers_custom_fields ON customers USING gin (custom_fields);
