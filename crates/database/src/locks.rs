//! Locks of a name, for what no row stands for.

use diesel::sql_types::{Integer, SqlType, Text};
use diesel_async::RunQueryDsl;

use crate::{Result, Tx, on};

#[derive(SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "void", schema = "pg_catalog"))]
pub struct Void;

#[diesel::declare_sql_function]
extern "SQL" {
    fn hashtext(name: Text) -> Integer;
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
