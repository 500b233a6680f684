DROP TABLE transfer_items;
DROP TABLE transfers;
DROP TABLE open_items;
DROP TABLE team_members;
DROP TABLE owner_periods;
