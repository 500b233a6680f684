use std::{env, ops::Deref};

use database::{Db, Options};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::clean_up;

const SERVER: &str = "postgres://postgres@127.0.0.1:5432/postgres";

/// An empty database of one test; gone when dropped.
pub struct TestDb {
    url: String,
    db: Db,
    #[allow(dead_code, reason = "deletes what it stands for when dropped")]
    guard: Guard,
}

enum Guard {
    Folder(#[allow(dead_code, reason = "deletes the folder when dropped")] TempDir),
    Database { server: String, name: String },
}

impl TestDb {
    /// # Panics
    /// When there is no room for a temporary file.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::open(url, Guard::Folder(folder))
    }

    /// # Panics
    /// When the server of `GUANXI_TEST_DATABASE_URL` does not make a database.
    pub async fn postgres() -> Self {
        let server = env::var("GUANXI_TEST_DATABASE_URL").unwrap_or_else(|_| SERVER.into());
        let name = format!("guanxi_test_{}", Uuid::now_v7().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await.expect("a database of the test server");
        let url = with_database(&server, &name);
        Self::open(url, Guard::Database { server, name })
    }

    fn open(url: String, guard: Guard) -> Self {
        let db = Db::open(&url, Options::default()).expect("a database URL");
        Self { url, db, guard }
    }

    /// For a second `Db`, or a process of its own.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Self::Database { server, name } = self else {
            return;
        };
        let (server, sql) = (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        clean_up(|| async move {
            if let Err(error) = execute(&server, &sql).await {
                eprintln!("cannot drop the test's database: {error}");
            }
        });
    }
}

async fn execute(server: &str, sql: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut conn = AsyncPgConnection::establish(server).await?;
    Ok(conn.batch_execute(sql).await?)
}

fn with_database(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').unwrap_or((server, ""));
    let base = match address.match_indices('/').nth(2) {
        Some((end, _)) => &address[..end],
        None => address,
    };
    match query {
        "" => format!("{base}/{name}"),
        query => format!("{base}/{name}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_the_url_is_replaced() {
        assert_eq!(with_database("postgres://u@h:1/a?sslmode=require", "b"), "postgres://u@h:1/b?sslmode=require");
        assert_eq!(with_database("postgres://u@h", "b"), "postgres://u@h/b");
    }
}
