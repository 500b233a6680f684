-- What is left of an erased contact is its row, so that what refers to it goes on doing so.
ALTER TABLE contacts ADD COLUMN erased_at timestamptz;

CREATE TABLE contact_erasures (
    contact_id uuid PRIMARY KEY REFERENCES contacts (id),
    reason text NOT NULL,
    erased_by text NOT NULL,
    erased_at timestamptz NOT NULL
);

CREATE TABLE legal_holds (
    contact_id uuid PRIMARY KEY REFERENCES contacts (id),
    reason text NOT NULL,
    until_day date,
    placed_by text NOT NULL,
    placed_at timestamptz NOT NULL
);

-- One row for all reads of a day by one person in one way. Not held against `contacts`, whose rows never go: that would cost
-- each page of a list a look at all of its contacts.
CREATE TABLE contact_reads (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL,
    actor text COLLATE "C" NOT NULL,
    day date NOT NULL,
    kind text COLLATE "C" NOT NULL,
    times bigint NOT NULL,
    last_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX contact_reads_contact ON contact_reads (contact_id, day, actor, kind);
CREATE INDEX contact_reads_day ON contact_reads (day);

-- Rows that could not be taken, and keep what they said.
CREATE INDEX import_rows_refused ON import_rows (id) WHERE cells <> '[]';
