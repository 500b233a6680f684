DROP INDEX open_items_of_customer;
DROP INDEX customers_lifecycle;
DROP INDEX customers_kind;
DROP INDEX customers_country;
