-- Lists as JSON texts: they are read and written with their contact, and none is searched but by one topic.
ALTER TABLE contacts ADD COLUMN mobile TEXT;
ALTER TABLE contacts ADD COLUMN contact_points TEXT NOT NULL DEFAULT '[]';
ALTER TABLE contacts ADD COLUMN topics TEXT NOT NULL DEFAULT '[]';
