use std::net::TcpListener;

use base64::{Engine, prelude::BASE64_STANDARD};
use chassis::Service;
use gateway::{bootstrap, domain::Role};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Answer, App, TestBus, TestDb, eventually};

use crate::standins;

/// Of testkit's services.
const SEED: [u8; 32] = [42; 32];

pub const ADMIN: &str = "key-of-the-administrator";
pub const VIEWER: &str = "key-of-a-viewer-of-things";
pub const PASSWORD: &str = "correct horse battery";

/// A gateway with what stands behind it.
pub struct House {
    pub gateway: App,
    pub services: Vec<App>,
    http: Client,
}

/// One who calls, with a key, a token or nothing.
pub struct Someone<'a> {
    house: &'a House,
    credential: Option<String>,
}

impl House {
    /// With all services.
    pub async fn full(db: TestDb) -> Self {
        Self::new(db, &[&standins::REGISTRY, &standins::INTERACTIONS, &standins::COMPLAINTS, &standins::SCORING], &[])
            .await
    }

    /// With the registry only: the others do not answer.
    pub async fn with_registry(db: TestDb) -> Self {
        Self::new(db, &[&standins::REGISTRY], &[]).await
    }

    /// A gateway with nothing behind it.
    pub async fn alone(db: TestDb) -> Self {
        Self::new(db, &[], &[]).await
    }

    pub async fn new(db: TestDb, running: &[&'static Service], settings: &[(&str, &str)]) -> Self {
        let house = Self::without_callers(db, running, settings).await;
        let db = &house.gateway.context().db;
        bootstrap::ensure_api_key(db, "administrator", ADMIN, &[Role::Admin]).await.unwrap();
        bootstrap::ensure_api_key(db, "viewer", VIEWER, &[Role::Viewer]).await.unwrap();
        house.know_all().await;
        house
    }

    pub async fn without_callers(db: TestDb, running: &[&'static Service], settings: &[(&str, &str)]) -> Self {
        let mut services = vec![];
        for service in running {
            services.push(App::start(service, TestDb::sqlite()).await);
        }
        let nowhere = unused_address();
        let gateway = App::start_with(&gateway::SERVICE, db, TestBus::local().await, |with| {
            for name in ["registry", "interactions", "complaints", "scoring"] {
                let url =
                    services.iter().find(|app| app.context().service.name == name).map_or(nowhere.clone(), App::url);
                with.extra.insert(format!("{name}_url"), url);
            }
            with.extra.insert("token_seed".to_owned(), BASE64_STANDARD.encode(SEED));
            for (key, value) in settings {
                with.extra.insert((*key).to_owned(), (*value).to_owned());
            }
        })
        .await;
        Self { gateway, services, http: Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap() }
    }

    /// Waits until the gateway serves what the services have told it.
    async fn know_all(&self) {
        let told: Vec<Value> = futures::future::join_all(self.services.iter().map(|app| async {
            self.http.get(format!("{}/openapi.json", app.url())).send().await.unwrap().json().await.unwrap()
        }))
        .await;
        for path in told.iter().flat_map(|document| document["paths"].as_object().unwrap().keys()) {
            eventually(|| async {
                // No operation has this method, so a known path answers that, and nothing is done.
                let status = self
                    .admin()
                    .send(self.admin().request(Method::OPTIONS, &path.replace(['{', '}'], "")))
                    .await
                    .status;
                if status == 405 { Ok(()) } else { Err((path, status)) }
            })
            .await;
        }
    }

    pub fn admin(&self) -> Someone<'_> {
        self.someone(ADMIN)
    }

    pub fn viewer(&self) -> Someone<'_> {
        self.someone(VIEWER)
    }

    pub fn someone(&self, credential: impl Into<String>) -> Someone<'_> {
        Someone { house: self, credential: Some(credential.into()) }
    }

    pub fn nobody(&self) -> Someone<'_> {
        Someone { house: self, credential: None }
    }

    /// Creates a user, and logs in.
    pub async fn user(&self, login: &str, roles: &[&str]) -> (Value, Someone<'_>) {
        let new = json!({ "login": login, "display_name": login, "password": PASSWORD, "roles": roles });
        let user = self.admin().post("/api/v1/users", &new).await.expect(201);
        let session = self.log_in(login, PASSWORD).await.expect(201);
        (user, self.someone(session["token"].as_str().unwrap()))
    }

    pub async fn log_in(&self, login: &str, password: &str) -> Answer {
        self.nobody().post("/api/v1/sessions", &json!({ "login": login, "password": password })).await
    }
}

impl Someone<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).header("if-match", etag).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.house.http.request(method, format!("{}{path}", self.house.gateway.url()));
        match &self.credential {
            Some(credential) => request.bearer_auth(credential),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.house.gateway.client(&[]).send(request).await
    }
}

/// The whole problem document, but for the trace's id, which differs every time.
pub fn problem(answer: Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer}");
    let mut problem = answer.body;
    assert_eq!(problem["trace_id"].as_str().map(str::len), Some(32), "{problem}");
    problem["trace_id"] = "<trace>".into();
    problem
}

/// Where nobody listens.
fn unused_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
