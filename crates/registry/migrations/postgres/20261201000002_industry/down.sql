DROP INDEX customers_industry;
