//! Many rows at once.

use diesel::{QueryResult, result::Error, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::Value;

/// Inserts the rows in one statement of one parameter: with a parameter a value, PostgreSQL would spend more on reading the
/// statement than on the rows. A row's fields are the columns' names; use it through [`insert_all!`](crate::insert_all).
///
/// # Errors
/// When a row cannot be written as JSON, or the database refuses one.
pub async fn insert_recordset<R: Serialize>(
    conn: &mut AsyncPgConnection,
    table: &str,
    rows: &[R],
) -> QueryResult<usize> {
    let Some(Recordset { columns, json }) = Recordset::of(rows)? else { return Ok(0) };
    let columns = columns.join(", ");
    let insert = format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, $1::json)"
    );
    diesel::sql_query(insert).bind::<Text, _>(json).execute(conn).await
}

/// Writes each row over the version before it, in the same manner; answers how many that were. The table has `id` and
/// `version`.
///
/// # Errors
/// When a row cannot be written as JSON, or the database refuses one.
pub async fn update_recordset<R: Serialize>(
    conn: &mut AsyncPgConnection,
    table: &str,
    rows: &[R],
) -> QueryResult<usize> {
    let Some(Recordset { columns, json }) = Recordset::of(rows)? else { return Ok(0) };
    let columns = columns.iter().map(|name| format!("{name} = fresh.{name}")).collect::<Vec<_>>().join(", ");
    let update = format!(
        "UPDATE {table} AS stale SET {columns} FROM json_populate_recordset(NULL::{table}, $1::json) AS fresh
         WHERE stale.id = fresh.id AND stale.version = fresh.version - 1"
    );
    diesel::sql_query(update).bind::<Text, _>(json).execute(conn).await
}

struct Recordset {
    /// Quoted.
    columns: Vec<String>,
    json: String,
}

impl Recordset {
    /// None of no rows.
    fn of<R: Serialize>(rows: &[R]) -> QueryResult<Option<Self>> {
        let unserialisable = |error| Error::SerializationError(Box::new(error));
        let Some(first) = rows.first() else { return Ok(None) };
        let Value::Object(fields) = serde_json::to_value(first).map_err(unserialisable)? else {
            return Err(Error::SerializationError("a row is a struct of its columns".into()));
        };
        let columns = fields.keys().map(|name| format!("\"{name}\"")).collect();
        Ok(Some(Self { columns, json: serde_json::to_string(rows).map_err(unserialisable)? }))
    }
}

/// Inserts a slice of rows, each `Insertable` and `Serialize` alike, into the table of this name:
/// `insert_all!(tx, customers, &rows)`. One statement on PostgreSQL; on SQLite one a row, which costs no round trip.
#[macro_export]
macro_rules! insert_all {
    ($conn:expr, $table:ident, $rows:expr) => {
        $crate::on!($conn,
            pg: |c| match $rows {
                // The statement for one row is prepared once a connection.
                [row] => diesel::insert_into($table::table).values(row).execute(c).await,
                rows => $crate::insert_recordset(c, stringify!($table), rows).await,
            },
            lite: |c| {
                for row in $rows {
                    diesel::insert_into($table::table).values(row).execute(c).await?;
                }
                Ok($rows.len())
            },
        )
    };
}
