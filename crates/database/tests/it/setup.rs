use database::{Db, Options};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::{SqlId, SqlInstant};

    things (id) {
        id -> SqlId,
        name -> Text,
        rank -> BigInt,
        seen_at -> SqlInstant,
        extra -> Nullable<Jsonb>,
        open -> Bool,
    }
}

const POSTGRES: &str = "CREATE TABLE things (id uuid PRIMARY KEY, name text NOT NULL UNIQUE, rank bigint NOT NULL, \
                        seen_at timestamptz NOT NULL, extra jsonb, open boolean NOT NULL); CREATE SEQUENCE thing_code;";
const SQLITE: &str = "CREATE TABLE things (id BLOB PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, rank BIGINT NOT NULL, \
                      seen_at INTEGER NOT NULL, extra BLOB, open BOOLEAN NOT NULL); \
                      INSERT INTO counters (name, value) VALUES ('thing_code', 0);";

/// A database of its own, gone with the value.
pub struct TestDb {
    pub db: Db,
    place: Place,
}

enum Place {
    Folder { _folder: tempfile::TempDir },
    Server { name: String },
}

fn server() -> String {
    std::env::var("GUANXI_TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".into())
}

impl TestDb {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::prepare(&url, Place::Folder { _folder: folder }).await
    }

    pub async fn postgres() -> Self {
        let name = format!("guanxi_test_{}", Uuid::now_v7().simple());
        run(&server(), &format!("CREATE DATABASE {name}")).await;
        let (base, _) = server().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        Self::prepare(&format!("{base}/{name}"), Place::Server { name }).await
    }

    async fn prepare(url: &str, place: Place) -> Self {
        let db = Db::open(url, Options { connections: 4 }).unwrap();
        db.migrate(vec![database::migrations()]).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        database::on!(tx, pg: |c| c.batch_execute(POSTGRES).await, lite: |c| c.batch_execute(SQLITE).await).unwrap();
        tx.commit().await.unwrap();
        Self { db, place }
    }

    pub async fn drop_database(self) {
        let Self { db, place } = self;
        drop(db);
        if let Place::Server { name } = place {
            run(&server(), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn run(url: &str, sql: &str) {
    let db = Db::open(url, Options { connections: 1 }).unwrap();
    let mut conn = db.read().await.unwrap();
    database::on!(conn, |c| diesel::sql_query(sql).execute(c).await).unwrap();
}

/// Expands `both!(name, |db| body)` into a test per backend.
#[macro_export]
macro_rules! both {
    ($name:ident, |$db:ident| $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check($db: &database::Db) {
                $body
            }

            #[tokio::test]
            async fn sqlite() {
                let test = $crate::setup::TestDb::sqlite().await;
                check(&test.db).await;
                test.drop_database().await;
            }

            #[tokio::test]
            async fn postgres() {
                let test = $crate::setup::TestDb::postgres().await;
                check(&test.db).await;
                test.drop_database().await;
            }
        }
    };
}
