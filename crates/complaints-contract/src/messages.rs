use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::words;

use crate::{Channel, ComplaintId, ComplaintMessageId};

words! {
    /// Where a message to a customer stands.
    #[schema(as = ComplaintMessageState)]
    MessageState {
        /// To be sent.
        Queued = "queued",
    }
}

/// A message to whoever complained, in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintMessage {
    pub id: ComplaintMessageId,
    pub complaint_id: ComplaintId,
    /// The way the complaint came, which is the way the message goes.
    pub channel: Channel,
    pub language: String,
    pub subject: String,
    pub body: String,
    pub state: MessageState,
    pub created_at: DateTime<Utc>,
}
