use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use crate::{Error, Result, Tx, on};

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// The next number for people (`C-000123`): from the sequence `name` on PostgreSQL, whose writers must not wait for each
/// other, and from the row `name` of `counters` on SQLite. On PostgreSQL a rolled back transaction leaves a gap.
pub async fn next_number(tx: &mut Tx, name: &str) -> Result<i64> {
    let next: Number = on!(tx,
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

/// The next `count` numbers, rising, in one statement.
pub async fn next_numbers(tx: &mut Tx, name: &str, count: usize) -> Result<Vec<i64>> {
    let count = i64::try_from(count).map_err(Error::other)?;
    let numbers: Vec<Number> = on!(tx,
        pg: |c| {
            diesel::sql_query("SELECT nextval($1::regclass) AS value FROM generate_series(1, $2)")
                .bind::<Text, _>(name)
                .bind::<BigInt, _>(count)
                .load(c)
                .await
        },
        lite: |c| {
            let last: Number =
                diesel::sql_query("UPDATE counters SET value = value + ?2 WHERE name = ?1 RETURNING value")
                    .bind::<Text, _>(name)
                    .bind::<BigInt, _>(count)
                    .get_result(c)
                    .await?;
            Ok((last.value - count + 1..=last.value).map(|value| Number { value }).collect())
        },
    )?;
    Ok(numbers.into_iter().map(|number| number.value).collect())
}
