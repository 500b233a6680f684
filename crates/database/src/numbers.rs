use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use crate::{Result, Tx, on};

/// The next number for people (`C-000123`): from the sequence `name` on PostgreSQL, whose writers must not wait for each
/// other, and from the row `name` of `counters` on SQLite. On PostgreSQL a rolled back transaction leaves a gap.
pub async fn next_number(tx: &mut Tx, name: &str) -> Result<i64> {
    #[derive(diesel::QueryableByName)]
    struct Next {
        #[diesel(sql_type = BigInt)]
        value: i64,
    }

    let next: Next = on!(tx,
        pg: |c| diesel::sql_query("SELECT nextval($1::regclass) AS value").bind::<Text, _>(name).get_result(c).await,
        lite: |c| {
            diesel::sql_query("UPDATE counters SET value = value + 1 WHERE name = ?1 RETURNING value")
                .bind::<Text, _>(name)
                .get_result(c)
                .await
        },
    )?;
    Ok(next.value)
}
