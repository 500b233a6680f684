DROP TABLE vendor_share_tables;
DROP TABLE vendors;
