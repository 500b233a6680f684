//! How customers rate the handling of complaints.

use chrono::{DateTime, Utc};
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Event;

use crate::{ComplaintId, ComplaintMessageId};

pub const COMPLAINT_RATED: &str = "complaints.complaint.rated.v1";

/// A customer rated the handling of a complaint; sent once, what was said with it is not told here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintRated {
    /// The message that asked for it: a complaint that was closed twice may be rated twice.
    pub message_id: ComplaintMessageId,
    pub complaint_id: ComplaintId,
    pub customer_id: Option<CustomerId>,
    /// From 1, very poor, to 5, very good.
    pub attitude: i16,
    /// From 1, very poor, to 5, very good.
    pub result: i16,
    /// Whether the complaint is about our own people.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
    pub rated_at: DateTime<Utc>,
}

impl Event for ComplaintRated {
    const TYPE: &'static str = COMPLAINT_RATED;

    fn subject(&self) -> Uuid {
        self.message_id.into()
    }

    fn sequence(&self) -> i64 {
        1
    }
}
