use database::{Backend, Db, Migrations, on};
use diesel::{
    Connection as _, QueryableByName,
    migration::{Migration, MigrationSource},
    sql_types::Text,
    sqlite::SqliteConnection,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use crate::TestDb;

/// Tables with their columns, constraints, indexes and sequences, as PostgreSQL would describe them.
const POSTGRES_SCHEMA: &str = "
    SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default) AS line
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'sequence ' || sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public'
    ORDER BY 1";

/// The statements that made everything, and the counters that stand in for sequences.
const SQLITE_SCHEMA: &str = "
    SELECT sql AS line FROM sqlite_master WHERE sql IS NOT NULL
    UNION ALL SELECT 'counter ' || name FROM counters
    ORDER BY 1";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Applies a service's migrations, takes them back and applies them again: the way down leaves nothing of them, and the
/// second way up leads where the first did.
///
/// # Panics
/// When it does not, or when a migration fails.
pub async fn assert_reversible(db: &TestDb, own: fn() -> Vec<Migrations>) {
    db.migrate(vec![database::migrations(), messaging::MIGRATIONS]).await.expect("the common migrations");
    let before = schema(db).await;
    db.migrate(own()).await.expect("the way up");
    let applied = schema(db).await;
    assert_ne!(applied, before, "the migrations do nothing");
    take_back(db, own()).await;
    assert_eq!(schema(db).await, before, "the way down leaves something behind");
    db.migrate(own()).await.expect("the second way up");
    assert_eq!(schema(db).await, applied, "the second way up leads elsewhere");
}

async fn schema(db: &Db) -> Vec<String> {
    let sql = match db.backend() {
        Backend::Postgres => POSTGRES_SCHEMA,
        Backend::Sqlite => SQLITE_SCHEMA,
    };
    let mut conn = db.read().await.expect("a connection");
    let lines: Vec<Line> = on!(conn, |c| diesel::sql_query(sql).load(c).await).expect("the schema");
    lines.into_iter().map(|line| line.line).collect()
}

async fn take_back(db: &TestDb, sets: Vec<Migrations>) {
    let (url, backend) = (db.url().to_owned(), db.backend());
    let work = move || match backend {
        Backend::Postgres => {
            let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&url).expect("a connection");
            revert(&mut conn, sets.into_iter().map(|set| set.postgres));
        }
        Backend::Sqlite => {
            let path = url.trim_start_matches("sqlite:");
            revert(
                &mut SqliteConnection::establish(path).expect("a connection"),
                sets.into_iter().map(|set| set.sqlite),
            );
        }
    };
    tokio::task::spawn_blocking(work).await.expect("the way down");
}

fn revert<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    sets: impl Iterator<Item = EmbeddedMigrations>,
) where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut migrations: Vec<Box<dyn Migration<DB>>> =
        sets.flat_map(|set| set.migrations().expect("embedded migrations")).collect();
    migrations.sort_by_key(|migration| migration.name().version().as_owned());
    for migration in migrations.iter().rev() {
        conn.revert_migration(migration).expect("a way down");
    }
}
