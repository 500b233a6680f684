-- What is owed no more is told so again by a republication.
ALTER TABLE courses ADD COLUMN follow_up_cancelled BOOLEAN NOT NULL DEFAULT FALSE;
