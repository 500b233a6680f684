//! A typed client, for the gateway's address or the service's own.

use registry_contract::client::Part;
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde::de::DeserializeOwned;
use wire::{Page, Reference};

use crate::{
    BulkInteractions, BulkInteractionsQuery, BulkInteractionsResult, Interaction, InteractionId, InteractionPatch,
    InteractionQuery, NewInteraction,
};

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the interactions service could not be reached")]
    Transport(#[from] reqwest::Error),
    /// Anything but a 2xx, with the problem document as it came.
    #[error("the interactions service answered {status}: {}", .problem["title"].as_str().unwrap_or("no problem document"))]
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

    pub async fn log_interaction(&self, new: &NewInteraction) -> Result<Interaction> {
        answer(self.to(Method::POST, "interactions").json(new)).await
    }

    pub async fn bulk_log_interactions(
        &self,
        how: &BulkInteractionsQuery,
        interactions: &BulkInteractions,
    ) -> Result<BulkInteractionsResult> {
        answer(self.to(Method::POST, "interactions/bulk").query(how).json(interactions)).await
    }

    pub async fn get_interaction(&self, id: &Reference<InteractionId>) -> Result<Interaction> {
        answer(self.to(Method::GET, &format!("interactions/{id}"))).await
    }

    pub async fn list_interactions(&self, query: &InteractionQuery, part: &Part) -> Result<Page<Interaction>> {
        answer(self.to(Method::GET, "interactions").query(query).query(part)).await
    }

    /// Changes the interaction if it still has `version`.
    pub async fn amend_interaction(
        &self,
        id: InteractionId,
        version: i64,
        patch: &InteractionPatch,
    ) -> Result<Interaction> {
        let request = self.to(Method::PATCH, &format!("interactions/{id}"));
        answer(request.header(header::IF_MATCH, format!("\"{version}\"")).json(patch)).await
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
