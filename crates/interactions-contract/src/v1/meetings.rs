//! Planned meetings, as calendars know them, and how we were met. The interactions service tells of neither yet; who listens
//! is built against this.

use chrono::{DateTime, Utc};
use registry_contract::{ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::events;

use crate::{InteractionId, Manner, MeetingId, MeetingState};

pub const MEETING_CHANGED: &str = "interactions.meeting.changed.v1";
pub const MANNER_MARKED: &str = "interactions.manner.marked.v1";

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

events! {
    /// A meeting was planned, moved, held, cancelled or declined.
    MeetingChanged(MeetingFact) = MEETING_CHANGED, meeting_id;
}

/// How the customer met us in an interaction, as somebody marked it. One mark an interaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MannerFact {
    pub interaction_id: InteractionId,
    pub customer_id: CustomerId,
    /// Whose manner it was, where that is one of the contacts known.
    pub contact_id: Option<ContactId>,
    /// Version of the mark; a greater one replaces a lesser one.
    pub sequence: i64,
    pub occurred_at: DateTime<Utc>,
    /// None where the mark was taken back.
    pub manner: Option<Manner>,
}

events! {
    /// Somebody marked how the customer met us, or took the mark back.
    MannerMarked(MannerFact) = MANNER_MARKED, interaction_id;
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wire::assert_golden;

    use super::*;
    use crate::v1::GOLDEN;

    fn id(text: &str) -> Uuid {
        text.parse().expect("a UUID")
    }

    #[test]
    fn golden_files_of_meetings_are_what_is_sent() {
        let customer_id = CustomerId::from(id("019a0000-0000-7000-8000-000000000001"));
        let at: DateTime<Utc> = "2026-03-04T01:30:00Z".parse().expect("an instant");
        assert_golden!(
            GOLDEN,
            MeetingChanged(MeetingFact {
                meeting_id: id("019a0000-0000-7000-8000-00000000000d").into(),
                customer_id,
                sequence: 2,
                planned_at: at,
                state: MeetingState::Declined,
                invited: 4,
                attended: 0,
            })
        );
        assert_golden!(
            GOLDEN,
            MannerMarked(MannerFact {
                interaction_id: id("019a0000-0000-7000-8000-00000000000a").into(),
                customer_id,
                contact_id: Some(id("019a0000-0000-7000-8000-000000000002").into()),
                sequence: 1,
                occurred_at: at,
                manner: Some(Manner::Abrupt),
            })
        );
    }
}
