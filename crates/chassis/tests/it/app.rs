use chassis::{Caller, Running, Settings, token::Signer};
use chrono::Utc;
use database::{Db, Options};
use diesel_async::RunQueryDsl;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::service::SERVICE;

/// The service, started for one test.
pub struct App {
    pub running: Running,
    pub client: Client,
    signer: Signer,
    /// Holds the bus and the SQLite database, as long as the test runs.
    _folder: tempfile::TempDir,
    /// The PostgreSQL database, to be dropped.
    postgres: Option<String>,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl App {
    /// On SQLite.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/notes.db", folder.path().display());
        Self::start_on(folder, &url, None).await
    }

    /// On a new database of the server in `GUANXI_TEST_DATABASE_URL`; end it with [`App::stop`].
    pub async fn start_on_postgres() -> Self {
        let name = format!("guanxi_test_{}", uuid::Uuid::now_v7().simple());
        run(&format!("CREATE DATABASE {name}")).await;
        let server = server();
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        Self::start_on(tempfile::tempdir().unwrap(), &url, Some(name)).await
    }

    pub async fn stop(self) {
        self.running.stop().await;
        if let Some(name) = self.postgres {
            run(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    async fn start_on(folder: tempfile::TempDir, database_url: &str, postgres: Option<String>) -> Self {
        let broker_url = format!("local:{}/bus.db", folder.path().display());
        let signer = Signer::from_seed(&[1; 32]);
        let bus = messaging::Bus::connect(&broker_url).await.unwrap();
        let settings = Settings::embedded(database_url, broker_url, signer.public_key());
        let running = chassis::start(&SERVICE, settings, bus).await.unwrap();
        Self { running, client: Client::new(), signer, _folder: folder, postgres }
    }

    pub fn token(&self, id: &str, permissions: &[&str]) -> String {
        let caller = Caller {
            id: id.to_owned(),
            name: "li.wei".to_owned(),
            roles: vec![],
            permissions: permissions.iter().map(|permission| (*permission).to_owned()).collect(),
        };
        self.signer.sign("notes", &caller, Utc::now())
    }

    /// A request without a token.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.running.addr))
    }

    /// A request of someone who may do everything.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(self.token("user:1", &["notes:read", "notes:write"]))
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    pub async fn create(&self, title: &str) -> Value {
        let answer = send(self.post("/api/v1/notes").json(&serde_json::json!({"title": title}))).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem document, its trace id replaced, since it differs each time.
    pub fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let mut problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["trace_id"].as_str().map(str::len), Some(32), "{problem}");
        problem["trace_id"] = "<trace>".into();
        problem
    }

    pub fn code(&self) -> (u16, String) {
        (self.status.as_u16(), self.problem()["code"].as_str().unwrap_or_default().to_owned())
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    read(request.send().await.unwrap()).await
}

pub async fn read(response: Response) -> Answer {
    Answer { status: response.status(), headers: response.headers().clone(), text: response.text().await.unwrap() }
}

fn server() -> String {
    std::env::var("GUANXI_TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".into())
}

async fn run(sql: &str) {
    let db = Db::open(&server(), Options { connections: 1 }).unwrap();
    let mut conn = db.read().await.unwrap();
    database::on!(conn, |c| diesel::sql_query(sql).execute(c).await).unwrap();
}
