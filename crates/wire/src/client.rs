//! What the contracts' typed clients have in common: addresses, requests, answers and refusals.

pub use reqwest;

use reqwest::{Body, Method, RequestBuilder, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};

pub type Result<T> = std::result::Result<T, ClientError>;

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the {service} service could not be reached")]
    Transport { service: &'static str, source: reqwest::Error },
    /// Anything but a 2xx, with the problem document as it came.
    #[error("the {service} service answered {status}: {}", .problem["title"].as_str().unwrap_or("no problem document"))]
    Refused { service: &'static str, status: StatusCode, problem: serde_json::Value },
}

/// Which part of a list, and in what order.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Part {
    /// 1 to 200; 50 when left out.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Such as `-updated_at,name`.
    pub sort: Option<String>,
}

/// A service's operations, at the gateway's address or the service's own. Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    service: &'static str,
    root: String,
}

impl Api {
    /// `http` carries what identifies the caller (`Authorization` or `X-Api-Key`) as default headers.
    #[must_use]
    pub fn new(http: reqwest::Client, service: &'static str, address: &str) -> Self {
        Self { http, service, root: format!("{}/api/v1", address.trim_end_matches('/')) }
    }

    #[must_use]
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    #[must_use]
    pub fn post(&self, path: &str, body: &impl Serialize) -> Call {
        self.call(Method::POST, path).with(|request| request.json(body))
    }

    #[must_use]
    pub fn put(&self, path: &str, body: &impl Serialize) -> Call {
        self.call(Method::PUT, path).with(|request| request.json(body))
    }

    /// Changes what stands there if it still has `version`.
    #[must_use]
    pub fn patch(&self, path: &str, version: i64, patch: &impl Serialize) -> Call {
        let if_match = format!("\"{version}\"");
        self.call(Method::PATCH, path).with(|request| request.header(header::IF_MATCH, if_match).json(patch))
    }

    #[must_use]
    pub fn post_csv(&self, path: &str, csv: impl Into<Body>) -> Call {
        self.call(Method::POST, path).with(|request| request.header(header::CONTENT_TYPE, "text/csv").body(csv))
    }

    fn call(&self, method: Method, path: &str) -> Call {
        Call { request: self.http.request(method, format!("{}/{path}", self.root)), service: self.service }
    }
}

/// A request not yet sent.
#[derive(Debug)]
pub struct Call {
    request: RequestBuilder,
    service: &'static str,
}

impl Call {
    #[must_use]
    pub fn query(self, query: &impl Serialize) -> Self {
        self.with(|request| request.query(query))
    }

    /// Sends it.
    ///
    /// # Errors
    /// When no answer comes, or one that is no `T`, or a refusal.
    pub async fn answer<T: DeserializeOwned>(self) -> Result<T> {
        let service = self.service;
        let lost = |source| ClientError::Transport { service, source };
        let response = self.request.send().await.map_err(lost)?;
        let status = response.status();
        if status.is_success() {
            return response.json().await.map_err(lost);
        }
        let body = response.bytes().await.map_err(lost)?;
        Err(ClientError::Refused { service, status, problem: serde_json::from_slice(&body).unwrap_or_default() })
    }

    fn with(self, add: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self { request: add(self.request), service: self.service }
    }
}
