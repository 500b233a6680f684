use diesel::{
    Connection, connection::SimpleConnection, migration::Migration, migration::MigrationSource, pg::Pg, sqlite::Sqlite,
    sqlite::SqliteConnection,
};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use tokio::runtime::Handle;

use crate::{Backend, Db, Error, Result, on, tls};

/// One crate's migrations for both backends; versions differ between the sets that share a database.
pub struct Migrations {
    pub postgres: EmbeddedMigrations,
    pub sqlite: EmbeddedMigrations,
}

/// The migrations under `migrations/postgres` and `migrations/sqlite` of the crate that calls it.
#[macro_export]
macro_rules! migrations {
    () => {{
        use $crate::reexport::diesel_migrations;
        const POSTGRES: diesel_migrations::EmbeddedMigrations =
            diesel_migrations::embed_migrations!("migrations/postgres");
        const SQLITE: diesel_migrations::EmbeddedMigrations = diesel_migrations::embed_migrations!("migrations/sqlite");
        $crate::Migrations { postgres: POSTGRES, sqlite: SQLITE }
    }};
}

/// Serialises replicas that start together; any number, the same for all of ours.
const LOCK: &str = "SELECT pg_advisory_lock(7246001)";

pub(crate) fn run(url: &str, backend: Backend, sets: Vec<Migrations>, runtime: &Handle) -> Result<()> {
    match backend {
        Backend::Postgres => {
            let target = tls::Target::parse(url)?;
            let conn = runtime.block_on(target.connect()).map_err(Error::unavailable)?;
            let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::from(conn);
            // Released when the connection closes.
            conn.batch_execute(LOCK)?;
            apply(&mut conn, sets.into_iter().map(|set| set.postgres))
        }
        Backend::Sqlite => {
            let path = url.trim_start_matches("sqlite:");
            let mut conn = SqliteConnection::establish(path).map_err(Error::unavailable)?;
            conn.batch_execute("PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL;")?;
            apply(&mut conn, sets.into_iter().map(|set| set.sqlite))
        }
    }
}

fn apply<C, DB>(conn: &mut C, sets: impl Iterator<Item = EmbeddedMigrations>) -> Result<()>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    for set in sets {
        conn.run_pending_migrations(set).map_err(Error::Other)?;
    }
    Ok(())
}

pub(crate) async fn all_applied(db: &Db, sets: &[Migrations]) -> Result<bool> {
    use diesel_async::RunQueryDsl as _;

    #[derive(diesel::QueryableByName)]
    struct Applied {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }

    let mut conn = db.read().await?;
    let applied: Vec<Applied> =
        on!(conn, |c| { diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(c).await })?;
    let wanted = |version: String| applied.iter().any(|row| row.version == version);
    for set in sets {
        let complete = match db.backend() {
            Backend::Postgres => versions::<Pg>(&set.postgres)?.into_iter().all(wanted),
            Backend::Sqlite => versions::<Sqlite>(&set.sqlite)?.into_iter().all(wanted),
        };
        if !complete {
            return Ok(false);
        }
    }
    Ok(true)
}

fn versions<DB>(set: &EmbeddedMigrations) -> Result<Vec<String>>
where
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations: Vec<Box<dyn Migration<DB>>> = set.migrations().map_err(Error::Other)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}
