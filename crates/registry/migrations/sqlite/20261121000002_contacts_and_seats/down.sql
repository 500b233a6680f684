DROP TABLE holdings;
DROP TABLE positions;
DROP TABLE contacts;
