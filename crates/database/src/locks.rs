//! Locks of a name, for what no row stands for.

use std::collections::BTreeSet;

use diesel::sql_types::{Array, Integer, SqlType, Text};
use diesel_async::RunQueryDsl;

use crate::{Result, Tx, on};

#[derive(SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "void", schema = "pg_catalog"))]
pub struct Void;

#[diesel::declare_sql_function]
extern "SQL" {
    fn hashtext(name: Text) -> Integer;
    fn unnest(names: Array<Text>) -> Text;
    fn pg_advisory_xact_lock(key: Integer) -> Void;
    fn pg_advisory_xact_lock_shared(key: Integer) -> Void;
}

/// Waits for the lock of this name, and holds it alone until the transaction ends. SQLite has one writer anyway.
///
/// # Errors
/// When the transaction cannot go on.
pub async fn lock(tx: &mut Tx, name: &str) -> Result<()> {
    on!(tx,
        pg: |c| diesel::select(pg_advisory_xact_lock(hashtext(name))).execute(c).await.map(drop),
        lite: |_c| Ok(()),
    )
}

/// The same, beside any number of others that hold it by this.
///
/// # Errors
/// When the transaction cannot go on.
pub async fn lock_shared(tx: &mut Tx, name: &str) -> Result<()> {
    on!(tx,
        pg: |c| diesel::select(pg_advisory_xact_lock_shared(hashtext(name))).execute(c).await.map(drop),
        lite: |_c| Ok(()),
    )
}

/// Waits for each of these locks in turn, and holds them alone until the transaction ends.
///
/// # Errors
/// When the transaction cannot go on.
pub async fn lock_all(tx: &mut Tx, names: &BTreeSet<String>) -> Result<()> {
    on!(tx,
        // An array is read in its order.
        pg: |c| diesel::select(pg_advisory_xact_lock(hashtext(unnest(Vec::from_iter(names))))).execute(c).await.map(drop),
        lite: |_c| Ok(()),
    )
}

/// The same, beside any number of others that hold them by this.
///
/// # Errors
/// When the transaction cannot go on.
pub async fn lock_all_shared(tx: &mut Tx, names: &BTreeSet<String>) -> Result<()> {
    on!(tx,
        pg: |c| {
            let names = hashtext(unnest(Vec::from_iter(names)));
            diesel::select(pg_advisory_xact_lock_shared(names)).execute(c).await.map(drop)
        },
        lite: |_c| Ok(()),
    )
}

/// How many locks stand for a class of things, however many things there are: PostgreSQL keeps room for some thousands of
/// locks in all.
const PARTS: u32 = 512;

/// The names of the locks that stand for these things of a class. Whoever takes them in this order waits in no circle with
/// another who does. The same in every process, whatever it was built with.
pub fn parts<T: AsRef<[u8]>>(class: &str, things: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    things.into_iter().map(|thing| format!("{class} {}", crc32fast::hash(thing.as_ref()) % PARTS)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_same_for_everybody_and_in_order() {
        let some: Vec<_> = parts("customers", ["a", "b", "a"]).into_iter().collect();
        assert_eq!(some, ["customers 505", "customers 67"]);
        assert_eq!(parts("customers", (0..10_000_u32).map(u32::to_le_bytes)).len(), PARTS as usize);
    }
}
