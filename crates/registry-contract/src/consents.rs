use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::Entity;

use crate::{
    ConsentChannel, ConsentDecision, ConsentId, ConsentPurpose, ConsentReason, ContactChannel, ContactId, CustomerId,
};

/// What a contact said once about being approached. Entries are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentEntry {
    pub id: ConsentId,
    pub contact_id: ContactId,
    pub customer_id: CustomerId,
    pub purpose: ConsentPurpose,
    pub channel: ConsentChannel,
    pub decision: ConsentDecision,
    /// When the contact said so.
    pub decided_at: DateTime<Utc>,
    /// Where it was said.
    pub source: String,
    /// Version of the text that was agreed to.
    pub text_version: Option<String>,
    /// Link to the proof.
    pub evidence: Option<String>,
    /// Who recorded it: `user:<id>` or `key:<id>`.
    pub recorded_by: String,
    pub created_at: DateTime<Utc>,
}

impl Entity for ConsentEntry {
    const PATH: &'static str = "/api/v1/consents";

    fn id(&self) -> Uuid {
        self.id.into()
    }

    /// An entry never changes.
    fn version(&self) -> i64 {
        1
    }
}

/// An entry to add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    pub purpose: ConsentPurpose,
    pub channel: ConsentChannel,
    pub decision: ConsentDecision,
    /// When the contact said so, not in the future; now when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Where it was said.
    #[schema(min_length = 1, max_length = 200, example = "Sign-up form of the summit 2026")]
    pub source: String,
    /// Version of the text that was agreed to; required of a grant.
    #[schema(min_length = 1, max_length = 100, example = "privacy-2026-03")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_version: Option<String>,
    /// Link to the proof, http or https. A grant after an opt-out counts only with one.
    #[schema(min_length = 8, max_length = 500, pattern = r"^https?://\S+$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// All that a contact said, and what follows from it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentLedger {
    pub contact_id: ContactId,
    /// In the order in which it was said.
    pub entries: Vec<ConsentEntry>,
    /// For each purpose and channel that anything was said about.
    pub effective: Vec<ConsentState>,
}

/// Whether a contact may be approached for a purpose by a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentState {
    pub purpose: ConsentPurpose,
    pub channel: ContactChannel,
    pub allowed: bool,
    pub reason: ConsentReason,
    /// The entry that decides; none where nothing was said.
    pub decided_by: Option<ConsentId>,
}

/// The answer to: may this contact be approached for this by that?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentCheck {
    pub contact_id: ContactId,
    pub purpose: ConsentPurpose,
    pub channel: ContactChannel,
    pub allowed: bool,
    pub reason: ConsentReason,
    /// The entry that decides; none where nothing was said.
    pub decided_by: Option<ConsentEntry>,
}

/// What is to be done, and how.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConsentQuery {
    /// One purpose; not `any`.
    pub purpose: ConsentPurpose,
    pub channel: ContactChannel,
}
