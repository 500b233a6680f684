ALTER TABLE positions ADD COLUMN closed_on DATE;

CREATE INDEX holdings_position_from ON holdings (position_id, from_day, id);
DROP INDEX holdings_position;
CREATE INDEX holdings_contact_from ON holdings (contact_id, from_day, id);
