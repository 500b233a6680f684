use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use diesel::{
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

    async fn commit(&mut self) -> Result<()> {
        match self.parts() {
            Parts::Postgres(conn) => AnsiTransactionManager::commit_transaction(conn).await?,
            Parts::Sqlite(conn) => conn.spawn_blocking(SyncManager::commit_transaction).await?,
        }
        Ok(())
    }
}

/// A transaction. Dropped without [`Tx::commit`] it is rolled back, also when the future that holds it is dropped.
pub struct Tx {
    conn: Option<Conn>,
    commits: Arc<watch::Sender<u64>>,
}

impl Tx {
    pub(crate) async fn begin(mut conn: Conn, commits: Arc<watch::Sender<u64>>) -> Result<Self> {
        conn.begin().await?;
        Ok(Self { conn: Some(conn), commits })
    }

    pub async fn commit(mut self) -> Result<()> {
        self.commit_open().await?;
        // Only now: while the connection is in `self`, a failed or dropped commit still ends in a rollback.
        drop(self.conn.take());
        self.commits.send_modify(|count| *count += 1);
        Ok(())
    }

    async fn commit_open(&mut self) -> Result<()> {
        self.deref_mut().commit().await
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        match &self.conn {
            Some(conn) => conn,
            None => unreachable!("the connection leaves a Tx only when it ends"),
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        match &mut self.conn {
            Some(conn) => conn,
            None => unreachable!("the connection leaves a Tx only when it ends"),
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        match self.conn.take() {
            None => {}
            Some(Conn::Sqlite(mut conn)) => {
                let ended = conn.spawn_blocking(SyncManager::rollback_transaction).now_or_never();
                if !matches!(ended, Some(Ok(()))) {
                    drop(Object::take(conn));
                }
            }
            Some(Conn::Postgres(mut conn)) => match tokio::runtime::Handle::try_current() {
                // The statement that was under way, if any, ends first: the connection keeps the order.
                Ok(runtime) => drop(runtime.spawn(async move {
                    if AnsiTransactionManager::rollback_transaction(&mut **conn).await.is_err() {
                        drop(Object::take(*conn));
                    }
                })),
                // Closing the connection makes the server roll back.
                Err(_) => drop(Object::take(*conn)),
            },
        }
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
