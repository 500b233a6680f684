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
    /// Who added it: `user:<id>`, `key:<id>`, `complainant` or `system`.
    pub by: String,
    /// Whether whoever complained sent it, through the portal or by mail from the address that is known. Only such files
    /// are shown in the portal.
    pub from_complainant: bool,
    pub at: DateTime<Utc>,
}

/// The files of a complaint, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintAttachments {
    pub items: Vec<ComplaintAttachment>,
}
