-- What the history adds up to besides what the complaint's own row has.
CREATE TABLE courses (
    complaint_id BLOB PRIMARY KEY NOT NULL REFERENCES complaints (id),
    contained_at INTEGER,
    told_at INTEGER,
    accepted_at INTEGER,
    waiting_since INTEGER,
    waits_from TEXT
);

INSERT INTO courses (complaint_id, told_at)
SELECT complaints.id, max(history.at)
FROM complaints
LEFT JOIN history
    ON history.complaint_id = complaints.id
    AND (history.note_to_customer IS NOT NULL OR history.what IN ('acknowledged', 'responded'))
GROUP BY complaints.id;

UPDATE courses
SET contained_at = (
    SELECT min(history.at) FROM history WHERE history.complaint_id = courses.complaint_id AND history.what = 'resolved'
);

ALTER TABLE history ADD COLUMN from_customer TEXT;
