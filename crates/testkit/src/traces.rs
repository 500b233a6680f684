use database::{Db, on};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Which tables hold which of the texts, be it inside of bytes, such as `contacts: Wang`.
///
/// # Panics
/// When the database cannot be read.
pub async fn traces(db: &Db, texts: &[&str]) -> Vec<String> {
    let tables = lines(
        db,
        "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"
            .to_owned(),
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1".to_owned(),
    )
    .await;
    let mut traces = Vec::new();
    for table in tables {
        let columns = lines(
            db,
            "SELECT 'none' AS line".to_owned(),
            format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')"),
        )
        .await
        .join(" || ' ' || ");
        let rows = lines(
            db,
            format!("SELECT to_jsonb(t)::text AS line FROM \"{table}\" t"),
            format!("SELECT {columns} AS line FROM \"{table}\""),
        )
        .await;
        for text in texts {
            let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            if rows.iter().any(|row| row.contains(text) || row.to_lowercase().contains(&bytes)) {
                traces.push(format!("{table}: {text}"));
            }
        }
    }
    traces
}

async fn lines(db: &Db, postgres: String, sqlite: String) -> Vec<String> {
    let mut conn = db.read().await.expect("a connection");
    let rows: Vec<Line> = on!(conn,
        pg: |c| diesel::sql_query(postgres).load(c).await,
        lite: |c| diesel::sql_query(sqlite).load(c).await,
    )
    .expect("rows");
    rows.into_iter().map(|row| row.line).collect()
}
