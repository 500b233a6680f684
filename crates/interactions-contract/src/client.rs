//! A typed client, for the gateway's address or the service's own.

pub use wire::client::{ClientError, Part};

use wire::client::{Api, Result, reqwest};
use wire::{Page, Reference};

use crate::{
    AgendaItem, AgendaQuery, BulkInteractions, BulkInteractionsQuery, BulkInteractionsResult, Interaction,
    InteractionId, InteractionPatch, InteractionQuery, NewInteraction,
};

/// Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Client(Api);

impl Client {
    /// `http` carries what identifies the caller (`Authorization` or `X-Api-Key`) as default headers.
    pub fn new(http: reqwest::Client, address: &str) -> Self {
        Self(Api::new(http, "interactions", address))
    }

    pub async fn log_interaction(&self, new: &NewInteraction) -> Result<Interaction> {
        self.0.post("interactions", new).answer().await
    }

    pub async fn bulk_log_interactions(
        &self,
        how: &BulkInteractionsQuery,
        interactions: &BulkInteractions,
    ) -> Result<BulkInteractionsResult> {
        self.0.post("interactions/bulk", interactions).query(how).answer().await
    }

    pub async fn get_interaction(&self, id: &Reference<InteractionId>) -> Result<Interaction> {
        self.0.get(&format!("interactions/{id}")).answer().await
    }

    pub async fn list_interactions(&self, query: &InteractionQuery, part: &Part) -> Result<Page<Interaction>> {
        self.0.get("interactions").query(query).query(part).answer().await
    }

    /// Changes the interaction if it still has `version`.
    pub async fn amend_interaction(
        &self,
        id: InteractionId,
        version: i64,
        patch: &InteractionPatch,
    ) -> Result<Interaction> {
        self.0.patch(&format!("interactions/{id}"), version, patch).answer().await
    }

    pub async fn list_agenda(&self, query: &AgendaQuery, part: &Part) -> Result<Page<AgendaItem>> {
        self.0.get("agenda").query(query).query(part).answer().await
    }
}
