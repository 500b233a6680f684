use std::{sync::Arc, time::Duration};

use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
};
use futures::FutureExt;
use tokio::sync::watch;

use crate::bulk_work::{BulkWork, Precedence};
use crate::{Conn, Error, Lite, Migrations, Result, Snapshot, Tx, migrations, tls};

const PRAGMAS: &str = "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; \
                       PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;";

/// How long a caller waits for a connection before the database counts as unavailable.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Postgres,
    Sqlite,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Connections at most: all of them on PostgreSQL, the readers on SQLite (which has one writer besides).
    pub connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 8 }
    }
}

/// The database of one service; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    url: Arc<str>,
    commits: Arc<watch::Sender<u64>>,
    precedence: Arc<Precedence>,
}

#[derive(Clone)]
enum Pools {
    Postgres(Pool<AsyncPgConnection>),
    Sqlite { read: Pool<Lite>, write: Pool<Lite> },
}

impl Db {
    /// Opens `postgres://…` (`?sslmode=require` for TLS, see [`crate::tls`]) or `sqlite:PATH`. Makes no connection yet,
    /// except that a missing SQLite file is created with the first one.
    pub fn open(url: &str, options: Options) -> Result<Self> {
        let pools = match url.strip_prefix("sqlite:") {
            Some(path) => Pools::Sqlite { read: sqlite(path, options.connections)?, write: sqlite(path, 1)? },
            None if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Pools::Postgres(postgres(url, options.connections)?)
            }
            None => return Err(Error::other("a database URL begins with postgres:// or sqlite:")),
        };
        Ok(Self { pools, url: url.into(), commits: Arc::new(watch::channel(0).0), precedence: Arc::default() })
    }

    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.pools {
            Pools::Postgres(_) => Backend::Postgres,
            Pools::Sqlite { .. } => Backend::Sqlite,
        }
    }

    /// A connection to read with: each statement sees what is committed by then.
    pub async fn read(&self) -> Result<Conn> {
        match &self.pools {
            Pools::Postgres(pool) => checkout(pool).await.map(Box::new).map(Conn::Postgres),
            Pools::Sqlite { read, .. } => checkout(read).await.map(Conn::Sqlite),
        }
    }

    /// A connection to read with whose statements all see the same, for what one statement cannot read. On PostgreSQL that
    /// takes a round trip more than [`Db::read`].
    pub async fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::begin(self.read().await?).await
    }

    /// A transaction to write in. On SQLite the only writer: do not begin a second one while holding the first.
    pub async fn begin(&self) -> Result<Tx> {
        let conn = match &self.pools {
            Pools::Postgres(pool) => Conn::Postgres(Box::new(checkout(pool).await?)),
            Pools::Sqlite { write, .. } => Conn::Sqlite(checkout(write).await?),
        };
        Tx::begin(conn, self.commits.clone()).await
    }

    /// Changes with every commit made through this `Db` in this process, and when work in bulk has ended: wakes relays and
    /// other followers.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Lets work in bulk go ahead in this process until the answer is dropped, for a minute at most, and not again before
    /// the others have had as long: see [`Db::yields`].
    #[must_use]
    pub fn begin_bulk(&self) -> BulkWork {
        BulkWork::begin(self.precedence.clone(), self.commits.clone())
    }

    /// Whether what can wait is to wait, because somebody waits for work in bulk that takes the same cores.
    #[must_use]
    pub fn yields(&self) -> bool {
        self.precedence.is_taken()
    }

    /// Brings the schema up to date; replicas that start together take turns.
    pub async fn migrate(&self, sets: Vec<Migrations>) -> Result<()> {
        let (url, backend) = (self.url.clone(), self.backend());
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || migrations::run(&url, backend, sets, &runtime))
            .await
            .map_err(Error::other)?
    }

    /// Whether every migration of the sets has been applied.
    pub async fn is_migrated(&self, sets: &[Migrations]) -> Result<bool> {
        migrations::all_applied(self, sets).await
    }

    pub async fn ping(&self) -> Result<()> {
        let mut conn = self.read().await?;
        crate::on!(conn, |c| c.batch_execute("SELECT 1").await)
    }

    /// Runs long work (reports, imports) on a thread of its own, so that statements of SQLite, which run where they
    /// stand, do not hold up a worker.
    pub async fn offload<T, F, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>>,
        W: FnOnce(Self) -> F + Send + 'static,
    {
        let (db, runtime) = (self.clone(), tokio::runtime::Handle::current());
        tokio::task::spawn_blocking(move || runtime.block_on(work(db))).await.map_err(Error::other)?
    }
}

async fn checkout<C>(pool: &Pool<C>) -> Result<Object<C>>
where
    C: PoolableConnection + Send + 'static,
    AsyncDieselConnectionManager<C>:
        deadpool::managed::Manager<Type = C, Error = diesel_async::pooled_connection::PoolError>,
{
    match tokio::time::timeout(PATIENCE, pool.get()).await {
        Ok(got) => got.map_err(Error::unavailable),
        Err(elapsed) => Err(Error::unavailable(elapsed)),
    }
}

fn postgres(url: &str, connections: usize) -> Result<Pool<AsyncPgConnection>> {
    let target = tls::Target::parse(url)?;
    let mut config = ManagerConfig::default();
    // The default sends a SELECT 1 on every checkout; a closed connection is noticed without it.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| target.clone().connect().boxed());
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Pool::builder(manager).max_size(connections).build().map_err(Error::other)
}

fn sqlite(path: &str, connections: usize) -> Result<Pool<Lite>> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|path| {
        async move {
            let mut conn = Lite::establish(path).await?;
            conn.batch_execute(PRAGMAS).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(path, config);
    Pool::builder(manager).max_size(connections).build().map_err(Error::other)
}
