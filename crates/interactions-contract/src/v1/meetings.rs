//! Planned meetings, as calendars know them. The interactions service does not tell of them yet; who listens is built
//! against this.

use chrono::{DateTime, Utc};
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Event;

use crate::{MeetingId, MeetingState};

pub const MEETING_CHANGED: &str = "interactions.meeting.changed.v1";

/// A meeting as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeetingFact {
    pub meeting_id: MeetingId,
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub planned_at: DateTime<Utc>,
    pub state: MeetingState,
    /// The customer's people who were asked to come.
    pub invited: i32,
    /// Those of them who came.
    pub attended: i32,
}

/// A meeting was planned, moved, held, cancelled or declined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct MeetingChanged(pub MeetingFact);

impl Event for MeetingChanged {
    const TYPE: &'static str = MEETING_CHANGED;

    fn subject(&self) -> Uuid {
        self.0.meeting_id.into()
    }

    fn sequence(&self) -> i64 {
        self.0.sequence
    }
}
