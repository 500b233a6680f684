-- What is left of an erased contact is its row, so that what refers to it goes on doing so.
ALTER TABLE contacts ADD COLUMN erased_at INTEGER;

CREATE TABLE contact_erasures (
    contact_id BLOB PRIMARY KEY NOT NULL REFERENCES contacts (id),
    reason TEXT NOT NULL,
    erased_by TEXT NOT NULL,
    erased_at INTEGER NOT NULL
);

CREATE TABLE legal_holds (
    contact_id BLOB PRIMARY KEY NOT NULL REFERENCES contacts (id),
    reason TEXT NOT NULL,
    until_day DATE,
    placed_by TEXT NOT NULL,
    placed_at INTEGER NOT NULL
);

-- One row for all reads of a day by one person in one way. Not held against `contacts`, whose rows never go: that would cost
-- each page of a list a look at all of its contacts.
CREATE TABLE contact_reads (
    id BLOB PRIMARY KEY NOT NULL,
    contact_id BLOB NOT NULL,
    actor TEXT NOT NULL,
    day DATE NOT NULL,
    kind TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_at INTEGER NOT NULL
);

CREATE UNIQUE INDEX contact_reads_contact ON contact_reads (contact_id, day, actor, kind);
CREATE INDEX contact_reads_day ON contact_reads (day);

-- Rows that could not be taken, and keep what they said.
CREATE INDEX import_rows_refused ON import_rows (id) WHERE length(cells) > 1;
