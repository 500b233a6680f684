//! A typed client, for the gateway's address or the service's own.

use registry_contract::CustomerId;
use registry_contract::client::Part;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use wire::{Page, Reference};

use crate::{Explanation, Rescored, Rescoring, Score, ScorePolicy, ScoreQuery, ScoreRevision};

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the scoring service could not be reached")]
    Transport(#[from] reqwest::Error),
    /// Anything but a 2xx, with the problem document as it came.
    #[error("the scoring service answered {status}: {}", .problem["title"].as_str().unwrap_or("no problem document"))]
    Refused { status: StatusCode, problem: serde_json::Value },
}

type Result<T> = std::result::Result<T, ClientError>;

/// Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    /// `http` carries what identifies the caller (`Authorization` or `X-Api-Key`) as default headers.
    pub fn new(http: reqwest::Client, base: &str) -> Self {
        Self { http, base: format!("{}/api/v1", base.trim_end_matches('/')) }
    }

    pub async fn get_score(&self, customer: &Reference<CustomerId>) -> Result<Score> {
        answer(self.to(Method::GET, &format!("customers/{customer}/score"))).await
    }

    pub async fn list_score_history(
        &self,
        customer: &Reference<CustomerId>,
        part: &Part,
    ) -> Result<Page<ScoreRevision>> {
        answer(self.to(Method::GET, &format!("customers/{customer}/score/history")).query(part)).await
    }

    pub async fn explain_score(&self, customer: &Reference<CustomerId>) -> Result<Explanation> {
        answer(self.to(Method::GET, &format!("customers/{customer}/score/explanation"))).await
    }

    pub async fn list_scores(&self, query: &ScoreQuery, part: &Part) -> Result<Page<Score>> {
        answer(self.to(Method::GET, "scores").query(query).query(part)).await
    }

    pub async fn list_score_policies(&self) -> Result<Page<ScorePolicy>> {
        answer(self.to(Method::GET, "score-policies")).await
    }

    pub async fn start_rescoring(&self, which: &Rescoring) -> Result<Rescored> {
        answer(self.to(Method::POST, "rescoring").json(which)).await
    }

    fn to(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/{path}", self.base))
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let response = request.send().await?;
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await?);
    }
    let body = response.bytes().await?;
    Err(ClientError::Refused { status, problem: serde_json::from_slice(&body).unwrap_or_default() })
}
