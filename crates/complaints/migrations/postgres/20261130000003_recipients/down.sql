DROP INDEX escalations_fired;
DROP TABLE escalation_recipients;
DROP TABLE customer_languages;
DROP TABLE known_sponsors;
ALTER TABLE known_employees DROP COLUMN active_until;
ALTER TABLE known_employees DROP COLUMN manager_id;
ALTER TABLE known_employees DROP COLUMN team_lead_id;
