DROP INDEX holdings_contact_from;
CREATE INDEX holdings_position ON holdings (position_id);
DROP INDEX holdings_position_from;
ALTER TABLE positions DROP COLUMN closed_on;
