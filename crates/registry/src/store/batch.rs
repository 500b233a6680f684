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
