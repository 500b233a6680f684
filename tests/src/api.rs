use std::time::Duration;

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;

/// A client of the gateway. It panics where a test would fail anyway.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    url: String,
    key: Option<String>,
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Api {
    /// `url` without the `/api/v1`.
    #[must_use]
    pub fn new(url: &str, key: Option<&str>) -> Self {
        // An error only says that another client of this process was first.
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client needs nothing that can be missing");
        Self { http, url: url.trim_end_matches('/').to_owned(), key: key.map(str::to_owned) }
    }

    #[must_use]
    pub fn with_key(&self, key: Option<&str>) -> Self {
        Self { key: key.map(str::to_owned), ..self.clone() }
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A request to a path below `/api/v1`, or, beginning with `//`, below the root.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = match path.strip_prefix('/') {
            Some(root) if root.starts_with('/') => format!("{}{root}", self.url),
            _ => format!("{}/api/v1{path}", self.url),
        };
        let request = self.http.request(method, url);
        match &self.key {
            Some(key) => request.header("x-api-key", key),
            None => request,
        }
    }

    /// # Errors
    /// When no answer comes.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await?;
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Ok(Answer { status, headers, body })
    }

    pub async fn get(&self, path: &str) -> Value {
        self.try_get(path).await.unwrap_or_else(|seen| panic!("{seen}"))
    }

    /// # Errors
    /// Whatever is not a success, told in one line.
    pub async fn try_get(&self, path: &str) -> Result<Value, String> {
        let answer =
            self.send(self.request(Method::GET, path)).await.map_err(|error| format!("GET {path}: {error}"))?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(format!("GET {path}: {answer}")) }
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.answer_to_post(path, body).await;
        assert!(answer.status.is_success(), "POST {path}: {answer}");
        answer.body
    }

    pub async fn answer_to_post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        self.send(request).await.unwrap_or_else(|error| panic!("POST {path}: {error}"))
    }

    /// Every item of a list, page after page. `path` has a query already.
    ///
    /// # Errors
    /// Whatever is not a success, told in one line.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut page = self.try_get(&format!("{path}&limit=200{cursor}")).await?;
            items.extend(page["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.body)
    }
}
