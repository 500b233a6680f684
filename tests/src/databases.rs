use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

use crate::waiting::in_the_end;

const STALE: Duration = Duration::from_secs(3600);

/// Fresh databases on the server of `GUANXI_TEST_DATABASE_URL`, dropped at the end.
pub(crate) struct Databases {
    server: String,
    names: Vec<String>,
}

impl Databases {
    /// One database each.
    pub async fn for_each(services: &[&str]) -> Self {
        let server = server();
        let client = connect(&server).await;
        drop_stale(&client).await;
        let stamp = format!("{}_{}", seconds(), &Uuid::now_v7().simple().to_string()[24..]);
        let names: Vec<_> = services.iter().map(|service| format!("guanxi_system_{stamp}_{service}")).collect();
        for name in &names {
            run(&client, &format!("CREATE DATABASE {name}")).await;
        }
        Self { server, names }
    }

    /// The same database for one process, by whose name the server then lists its connections.
    pub fn url_of(&self, service: &str, process: &str) -> String {
        let url = self.url(service);
        let mark = if url.contains('?') { '&' } else { '?' };
        format!("{url}{mark}application_name={process}")
    }

    pub fn url(&self, service: &str) -> String {
        let ending = format!("_{service}");
        let name = self.names.iter().find(|name| name.ends_with(&ending)).expect("a database was made for it");
        let (base, query) = self.server.split_once('?').map_or((&*self.server, ""), |(base, query)| (base, query));
        let (host, _) = base.rsplit_once('/').expect("a database address has a path");
        if query.is_empty() { format!("{host}/{name}") } else { format!("{host}/{name}?{query}") }
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        let (server, names) = (self.server.clone(), std::mem::take(&mut self.names));
        in_the_end("dropping the databases of this test", async move {
            let client = connect(&server).await;
            for name in &names {
                run(&client, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            }
        });
    }
}

/// What killed test runs left behind.
async fn drop_stale(client: &Client) {
    let rows = client
        .query("SELECT datname FROM pg_database WHERE datname LIKE 'guanxi\\_system\\_%'", &[])
        .await
        .expect("databases can be listed");
    for name in rows.iter().map(|row| row.get::<_, String>(0)) {
        let made: Option<u64> = name.split('_').nth(2).and_then(|stamp| stamp.parse().ok());
        if made.is_some_and(|made| seconds().saturating_sub(made) > STALE.as_secs()) {
            run(client, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

fn server() -> String {
    std::env::var("GUANXI_TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".into())
}

async fn connect(server: &str) -> Client {
    let config: Config = server.parse().expect("GUANXI_TEST_DATABASE_URL is a postgres:// address");
    let (client, connection) = config
        .connect(NoTls)
        .await
        .unwrap_or_else(|error| panic!("no PostgreSQL for the tests ({error}): ./tests/run finds or starts one"));
    tokio::spawn(connection);
    client
}

async fn run(client: &Client, statement: &str) {
    client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs()
}
