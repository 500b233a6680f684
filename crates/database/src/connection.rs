use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use diesel::{
    QueryResult,
    connection::{AnsiTransactionManager as SyncManager, TransactionManager as _},
    sqlite::SqliteConnection,
};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, TransactionManager as _,
    pooled_connection::deadpool::Object,
    sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper},
};
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::watch;

use crate::Result;

/// SQLite behind diesel-async, without a thread hop per statement.
pub type Lite = SyncConnectionWrapper<SqliteConnection, Inline>;

/// Runs a statement where it stands: an indexed statement takes less than the hop to another thread would.
pub struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, std::result::Result<R, Box<dyn std::error::Error + Send + Sync>>> {
        std::future::ready(Ok(task())).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// A connection checked out of the pool.
pub enum Conn {
    Postgres(Box<Object<AsyncPgConnection>>),
    Sqlite(Object<Lite>),
}

/// The backend's own connection, for `on!`.
pub enum Parts<'a> {
    Postgres(&'a mut AsyncPgConnection),
    Sqlite(&'a mut Lite),
}

impl Conn {
    pub fn parts(&mut self) -> Parts<'_> {
        match self {
            Self::Postgres(conn) => Parts::Postgres(conn),
            Self::Sqlite(conn) => Parts::Sqlite(&mut *conn),
        }
    }

    async fn begin(&mut self) -> Result<()> {
        match self.parts() {
            Parts::Postgres(conn) => AnsiTransactionManager::begin_transaction(conn).await?,
            // IMMEDIATE: a transaction that began as a reader and then writes cannot wait for its turn in SQLite.
            Parts::Sqlite(conn) => {
                conn.spawn_blocking(|c| SyncManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")).await?;
            }
        }
        Ok(())
    }

    async fn begin_snapshot(&mut self) -> Result<()> {
        match self.parts() {
            Parts::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, BEGIN_SNAPSHOT).await?,
            // Deferred, it waits for no writer: the first query finds out what it reads of.
            Parts::Sqlite(conn) => conn.spawn_blocking(SyncManager::begin_transaction).await?,
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<()> {
        match self.parts() {
            Parts::Postgres(conn) => AnsiTransactionManager::commit_transaction(conn).await?,
            Parts::Sqlite(conn) => conn.spawn_blocking(SyncManager::commit_transaction).await?,
        }
        Ok(())
    }
}

const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// How a transaction ends that is dropped.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Rollback,
    /// For what was only read: PostgreSQL counts rollbacks, and whoever watches it takes many for trouble.
    Commit,
}

impl Ending {
    async fn on_postgres(self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        match self {
            Self::Rollback => AnsiTransactionManager::rollback_transaction(conn).await,
            Self::Commit => AnsiTransactionManager::commit_transaction(conn).await,
        }
    }

    fn on_sqlite(self, conn: &mut SqliteConnection) -> QueryResult<()> {
        match self {
            Self::Rollback => SyncManager::rollback_transaction(conn),
            Self::Commit => SyncManager::commit_transaction(conn),
        }
    }
}

/// A connection in a transaction, which ends with this, also when the future that holds it is dropped.
struct Open {
    conn: Option<Conn>,
    ending: Ending,
}

impl Deref for Open {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        match &self.conn {
            Some(conn) => conn,
            None => unreachable!("the connection leaves a transaction only when that ends"),
        }
    }
}

impl DerefMut for Open {
    fn deref_mut(&mut self) -> &mut Conn {
        match &mut self.conn {
            Some(conn) => conn,
            None => unreachable!("the connection leaves a transaction only when that ends"),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let ending = self.ending;
        match self.conn.take() {
            None => {}
            Some(Conn::Sqlite(mut conn)) => {
                let ended = conn.spawn_blocking(move |c| ending.on_sqlite(c)).now_or_never();
                if !matches!(ended, Some(Ok(()))) {
                    drop(Object::take(conn));
                }
            }
            Some(Conn::Postgres(mut conn)) => match tokio::runtime::Handle::try_current() {
                // The statement that was under way, if any, ends first: the connection keeps the order.
                Ok(runtime) => drop(runtime.spawn(async move {
                    if ending.on_postgres(&mut conn).await.is_err() {
                        drop(Object::take(*conn));
                    }
                })),
                // Closing the connection makes the server roll back.
                Err(_) => drop(Object::take(*conn)),
            },
        }
    }
}

/// A transaction. Dropped without [`Tx::commit`] it is rolled back, also when the future that holds it is dropped.
pub struct Tx {
    open: Open,
    commits: Arc<watch::Sender<u64>>,
}

impl Tx {
    pub(crate) async fn begin(mut conn: Conn, commits: Arc<watch::Sender<u64>>) -> Result<Self> {
        conn.begin().await?;
        Ok(Self { open: Open { conn: Some(conn), ending: Ending::Rollback }, commits })
    }

    pub async fn commit(mut self) -> Result<()> {
        self.open.commit().await?;
        // Only now: while the connection is in `self`, a failed or dropped commit still ends in a rollback.
        drop(self.open.conn.take());
        self.commits.send_modify(|count| *count += 1);
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.open
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.open
    }
}

/// What the database holds at one moment, that of the first query: what others commit after it is not seen. To read with
/// only, and to be dropped soon; nobody waits for its end.
pub struct Snapshot(Open);

impl Snapshot {
    pub(crate) async fn begin(mut conn: Conn) -> Result<Self> {
        conn.begin_snapshot().await?;
        Ok(Self(Open { conn: Some(conn), ending: Ending::Commit }))
    }
}

impl Deref for Snapshot {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Snapshot {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// Expands a query once per backend: `on!(conn, |c| query.load::<Row>(c).await)`, or with an arm for each backend where
/// they differ: `on!(conn, pg: |c| …, lite: |c| …)`. `?` inside works on diesel's errors; `Backend` names diesel's backend.
#[macro_export]
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        $crate::on!($conn, pg: |$c| $body, lite: |$c| $body)
    };
    ($conn:expr, pg: |$pg:ident| $postgres:expr, lite: |$lite:ident| $sqlite:expr $(,)?) => {
        match ($conn).parts() {
            $crate::Parts::Postgres($pg) => {
                #[allow(dead_code)]
                type Backend = $crate::reexport::diesel::pg::Pg;
                let out: ::std::result::Result<_, $crate::reexport::diesel::result::Error> =
                    async { let out: ::std::result::Result<_, $crate::reexport::diesel::result::Error> = $postgres; out }
                        .await;
                out.map_err($crate::Error::from)
            }
            $crate::Parts::Sqlite($lite) => {
                #[allow(dead_code)]
                type Backend = $crate::reexport::diesel::sqlite::Sqlite;
                let out: ::std::result::Result<_, $crate::reexport::diesel::result::Error> =
                    async { let out: ::std::result::Result<_, $crate::reexport::diesel::result::Error> = $sqlite; out }
                        .await;
                out.map_err($crate::Error::from)
            }
        }
    };
}
