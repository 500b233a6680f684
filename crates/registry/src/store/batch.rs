use diesel::sql_types::Text;
use diesel::{QueryResult, result::Error};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::Value;

/// Writes each row over the version before it, in one statement of one parameter, as
/// [`database::insert_recordset`] inserts them; answers how many that were.
pub(super) async fn update_recordset<R: Serialize>(
    conn: &mut AsyncPgConnection,
    table: &str,
    rows: &[R],
) -> QueryResult<usize> {
    let unserialisable = |error| Error::SerializationError(Box::new(error));
    let Some(first) = rows.first() else { return Ok(0) };
    let Value::Object(fields) = serde_json::to_value(first).map_err(unserialisable)? else {
        return Err(Error::SerializationError("a row is a struct of its columns".into()));
    };
    let columns = fields.keys().map(|name| format!("\"{name}\" = fresh.\"{name}\"")).collect::<Vec<_>>().join(", ");
    let records = serde_json::to_string(rows).map_err(unserialisable)?;
    let update = format!(
        "UPDATE {table} AS stale SET {columns} FROM json_populate_recordset(NULL::{table}, $1::json) AS fresh
         WHERE stale.id = fresh.id AND stale.version = fresh.version - 1"
    );
    diesel::sql_query(update).bind::<Text, _>(records).execute(conn).await
}

/// Inserts rows: in statements of many on PostgreSQL, one by one on SQLite, which takes no batches through diesel.
/// PostgreSQL binds 65,535 values to a statement at most; no table has more columns than `1000` rows leave room for.
macro_rules! insert_rows {
    ($tx:expr, $table:ident, $rows:expr) => {{
        let rows = $rows;
        database::on!($tx,
            pg: |c| {
                for part in rows.chunks(1000) {
                    diesel::insert_into($table::table).values(part).execute(c).await?;
                }
                Ok(())
            },
            lite: |c| {
                for row in rows {
                    diesel::insert_into($table::table).values(row).execute(c).await?;
                }
                Ok(())
            },
        )
    }};
}

pub(super) use insert_rows;
