use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ComplaintAttachmentId;

/// A file that belongs to a complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintAttachment {
    pub id: ComplaintAttachmentId,
    /// As it was given, without what a file name must not have.
    pub name: String,
    /// As its content shows, whatever its name says.
    #[schema(example = "image/png")]
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// Of its content, in hex.
    pub sha256: String,
    /// Who added it: `user:<id>`, `key:<id>` or `system`.
    pub by: String,
    pub at: DateTime<Utc>,
}

/// The files of a complaint, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintAttachments {
    pub items: Vec<ComplaintAttachment>,
}
