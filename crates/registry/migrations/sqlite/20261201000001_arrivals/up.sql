-- Customers that came many at once, whose search terms and comparisons are still to be queued: a row for all of them, instead
-- of two for each, is what their transaction pays for. The ids one after another, of 16 bytes each.
CREATE TABLE arrivals (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_ids BLOB NOT NULL
);
