//! A system under test and a caller of it.

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use guanxi::cli::{Serve, Storage};
use guanxi::house::House;
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// How long something that happens by itself may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct System {
    pub house: House,
    pub caller: Caller,
}

impl System {
    pub async fn start(data: &Path) -> Self {
        Self::start_with(data, false).await
    }

    pub async fn start_with(data: &Path, demo: bool) -> Self {
        let order = Serve {
            storage: Storage::folder(data),
            listen: "127.0.0.1:0".parse().expect("an address"),
            log: String::new(),
            demo,
        };
        let house = House::open(&order).await.expect("started");
        let key = house.issue_key("tests").await.expect("a key");
        let caller = Caller::new(&house.url(), &key);
        Self { house, caller }
    }
}

#[derive(Clone)]
pub struct Caller {
    pub url: String,
    pub key: String,
    http: reqwest::Client,
}

pub struct Answer {
    pub status: StatusCode,
    pub etag: Option<String>,
    pub body: Value,
}

impl Caller {
    pub fn new(url: &str, key: &str) -> Self {
        Self { url: url.to_owned(), key: key.to_owned(), http: reqwest::Client::new() }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request =
            self.http.request(method, format!("{}/api/v1{path}", self.url)).header("x-api-key", &self.key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let etag = response.headers().get("etag").and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let body = response.json().await.unwrap_or(Value::Null);
        Answer { status, etag, body }
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.send(Method::GET, path, None, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "GET {path}: {}", answer.body);
        answer.body
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.send(Method::POST, path, Some(&body), &[]).await;
        assert!(answer.status.is_success(), "POST {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// How many there are by the list's own count.
    pub async fn count(&self, path: &str) -> i64 {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = self.get(&format!("{path}{separator}count=exact&limit=1")).await;
        page["count"].as_i64().unwrap_or_else(|| panic!("no count in {page}"))
    }

    /// Every item of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}{separator}limit=200{cursor}")).await;
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}

/// Asks again until there is an answer. Nothing here can be notified across the gateway, so it polls, within bounds.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = tokio::time::interval(Duration::from_millis(25));
    loop {
        pause.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
    }
}
