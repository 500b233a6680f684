//! Many rows at once.

use diesel::{QueryResult, QueryableByName, result::Error, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::Value;

use crate::{Id, sql_types::SqlId};

/// The statement that inserts any number of rows with a parameter a column, an array: with a parameter a value, PostgreSQL
/// would spend more on reading the statement than on the rows, and as much again on reading them as JSON.
#[must_use]
pub fn insert_arrays(table: &str, columns: &[&str]) -> String {
    let names = columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let arrays = (1..=columns.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    format!("INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})")
}

/// Writes each row over the version before it, in one statement of one parameter; answers how many that were. The table has
/// `id` and `version`, and a row's fields are the columns' names.
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

/// Inserts each row, or writes it over the one of its `key` that has a lower `sequence`, in the same manner; answers the keys
/// of those that were written. No two rows have one key. Use it through [`keep_newest!`](crate::keep_newest).
///
/// # Errors
/// When a row cannot be written as JSON, or the database refuses one.
pub async fn keep_recordset<R: Serialize>(
    conn: &mut AsyncPgConnection,
    table: &str,
    key: &str,
    rows: &[R],
) -> QueryResult<Vec<Id>> {
    let Some(Recordset { columns, json }) = Recordset::of(rows)? else { return Ok(Vec::new()) };
    let set = columns.iter().map(|name| format!("{name} = excluded.{name}")).collect::<Vec<_>>().join(", ");
    let columns = columns.join(", ");
    let keep = format!(
        "INSERT INTO {table} AS kept ({columns})
         SELECT {columns} FROM json_populate_recordset(NULL::{table}, $1::json)
         ON CONFLICT ({key}) DO UPDATE SET {set} WHERE kept.sequence < excluded.sequence RETURNING {key} AS key"
    );
    let kept: Vec<Kept> = diesel::sql_query(keep).bind::<Text, _>(json).load(conn).await?;
    Ok(kept.into_iter().map(|row| row.key).collect())
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = SqlId)]
    key: Id,
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

/// Inserts a slice of rows: `insert_all!(tx, things, Thing { id, name }, &rows)`, where every field of the row is named and is
/// a column. One statement on PostgreSQL; on SQLite one a row, which costs no round trip.
#[macro_export]
macro_rules! insert_all {
    ($conn:expr, $table:ident, $row:ident { $($column:ident),+ $(,)? }, $rows:expr) => {{
        let rows = $rows;
        // No field is left out, or this does not compile.
        let _named = |$row { $($column: _),+ }: &$row| {};
        $crate::on!($conn,
            pg: |c| match rows {
                [] => Ok(0),
                // The statement for one row is prepared once a connection.
                [row] => diesel::insert_into($table::table).values(row).execute(c).await,
                rows => {
                    use $crate::reexport::diesel::{Column, dsl::SqlTypeOf, sql_types::Array};

                    let columns = [$(<$table::$column as Column>::NAME),+];
                    let statement = $crate::insert_arrays(stringify!($table), &columns);
                    let insert = diesel::sql_query(statement).into_boxed::<Backend>();
                    $(
                        let values: Vec<_> = rows.iter().map(|row| &row.$column).collect();
                        let insert = insert.bind::<Array<SqlTypeOf<$table::$column>>, _>(values);
                    )+
                    insert.execute(c).await
                }
            },
            lite: |c| {
                for row in rows {
                    diesel::insert_into($table::table).values(row).execute(c).await?;
                }
                Ok(rows.len())
            },
        )
    }};
}

/// Keeps a slice of rows, each `Insertable` and `Serialize` alike and of another key, unless one as new is kept already;
/// answers the keys of those that were: `keep_newest!(tx, known(customer_id) { code, tier }, &rows)`, where the table has
/// `sequence` besides.
#[macro_export]
macro_rules! keep_newest {
    ($conn:expr, $table:ident($key:ident) { $($column:ident),+ $(,)? }, $rows:expr) => {{
        // Expands to the statement for one row, which is prepared once a connection.
        macro_rules! keep {
            ($c:expr, $row:expr) => {{
                use diesel::query_dsl::methods::FilterDsl as _;
                use diesel::upsert::excluded;

                diesel::insert_into($table::table)
                    .values($row)
                    .on_conflict($table::$key)
                    .do_update()
                    .set(($table::sequence.eq(excluded($table::sequence)), $($table::$column.eq(excluded($table::$column))),+))
                    .filter($table::sequence.lt(excluded($table::sequence)))
                    .execute($c)
                    .await
            }};
        }
        let rows = $rows;
        $crate::on!($conn,
            pg: |c| match rows {
                [row] => keep!(c, row).map(|kept| if kept == 1 { vec![row.$key] } else { Vec::new() }),
                rows => $crate::keep_recordset(c, stringify!($table), stringify!($key), rows).await,
            },
            lite: |c| {
                let mut kept = Vec::new();
                for row in rows {
                    if keep!(c, row)? == 1 {
                        kept.push(row.$key);
                    }
                }
                Ok(kept)
            },
        )
    }};
}
