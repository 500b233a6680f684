-- Customers that came many at once, whose search terms and comparisons are still to be queued: a row for all of them, instead
-- of two for each, is what their transaction pays for. The ids one after another, of 16 bytes each.
CREATE TABLE arrivals (
    position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT arrivals_pkey PRIMARY KEY,
    customer_ids bytea NOT NULL
);

-- Keys are looked up and never sorted for people: bytes compare several times as fast as the words of a language.
ALTER TABLE customer_external_ids
    ALTER COLUMN system TYPE text COLLATE "C",
    ALTER COLUMN external_id TYPE text COLLATE "C";
