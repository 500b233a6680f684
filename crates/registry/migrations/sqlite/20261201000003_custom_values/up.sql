-- What PostgreSQL has an index for: which customers have which values of custom fields. It follows the customers by itself.
-- Texts, numbers, dates, choices and truths, each item of a choice of several; amounts of money are not among them.
CREATE TABLE customer_values (
    key TEXT NOT NULL,
    value NOT NULL,
    customer_id BLOB NOT NULL,
    PRIMARY KEY (key, value, customer_id)
) WITHOUT ROWID;

CREATE INDEX customer_values_customer ON customer_values (customer_id);

-- What the customers say of them. Nothing but `{}` takes one byte.
CREATE VIEW values_of_customers AS
SELECT field.key, item.value, customers.id AS customer_id
FROM customers,
    json_each(customers.custom_fields) AS field,
    json_each(CASE field.type WHEN 'array' THEN field.value ELSE json_array(field.value) END) AS item
WHERE length(customers.custom_fields) > 1
    AND field.type NOT IN ('object', 'null')
    AND item.type NOT IN ('array', 'object', 'null');

CREATE TRIGGER customer_values_begin AFTER INSERT ON customers WHEN length(new.custom_fields) > 1
BEGIN
    INSERT OR IGNORE INTO customer_values SELECT * FROM values_of_customers WHERE customer_id = new.id;
END;

CREATE TRIGGER customer_values_change AFTER UPDATE OF custom_fields ON customers
WHEN new.custom_fields IS NOT old.custom_fields
BEGIN
    DELETE FROM customer_values WHERE customer_id = old.id;
    INSERT OR IGNORE INTO customer_values SELECT * FROM values_of_customers WHERE customer_id = new.id;
END;

CREATE TRIGGER customer_values_end AFTER DELETE ON customers WHEN length(old.custom_fields) > 1
BEGIN
    DELETE FROM customer_values WHERE customer_id = old.id;
END;

INSERT OR IGNORE INTO customer_values SELECT * FROM values_of_customers;
