//! A typed client, for the gateway's address or the service's own.

use registry_contract::CustomerId;
pub use wire::client::{ClientError, Part};

use wire::client::{Api, Result, reqwest};
use wire::{Page, Reference};

use crate::{Explanation, Rescored, Rescoring, Score, ScorePolicy, ScoreQuery, ScoreRevision};

/// Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Client(Api);

impl Client {
    /// `http` carries what identifies the caller (`Authorization` or `X-Api-Key`) as default headers.
    pub fn new(http: reqwest::Client, address: &str) -> Self {
        Self(Api::new(http, "scoring", address))
    }

    pub async fn get_score(&self, customer: &Reference<CustomerId>) -> Result<Score> {
        self.0.get(&format!("customers/{customer}/score")).answer().await
    }

    pub async fn list_score_history(
        &self,
        customer: &Reference<CustomerId>,
        part: &Part,
    ) -> Result<Page<ScoreRevision>> {
        self.0.get(&format!("customers/{customer}/score/history")).query(part).answer().await
    }

    pub async fn explain_score(&self, customer: &Reference<CustomerId>) -> Result<Explanation> {
        self.0.get(&format!("customers/{customer}/score/explanation")).answer().await
    }

    pub async fn list_scores(&self, query: &ScoreQuery, part: &Part) -> Result<Page<Score>> {
        self.0.get("scores").query(query).query(part).answer().await
    }

    pub async fn list_score_policies(&self) -> Result<Page<ScorePolicy>> {
        self.0.get("score-policies").answer().await
    }

    pub async fn start_rescoring(&self, which: &Rescoring) -> Result<Rescored> {
        self.0.post("rescoring", which).answer().await
    }
}
