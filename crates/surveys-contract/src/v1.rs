//! Events of surveys, version 1. They only grow: a field may be added with a default, never removed.

use chrono::{DateTime, Utc};
use registry_contract::{ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{events, golden};

use crate::{InvitationId, SurveyId};

pub const INVITATION_CHANGED: &str = "surveys.invitation.changed.v1";

/// An invitation to a survey as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SurveyInvitationFact)]
pub struct InvitationFact {
    pub invitation_id: InvitationId,
    pub survey_id: SurveyId,
    pub customer_id: CustomerId,
    /// Who was asked, where that is one of the contacts known.
    pub contact_id: Option<ContactId>,
    pub sequence: i64,
    pub sent_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    /// It did not reach anybody, or was taken back: no answer to it means nothing.
    pub void: bool,
}

events! {
    /// Somebody was asked, has answered, or was not reached; also what a republication sends.
    InvitationChanged(InvitationFact) = INVITATION_CHANGED, invitation_id;
}

golden! {
    InvitationChanged = "surveys.invitation.changed.v1.json",
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wire::assert_golden;

    use super::*;

    fn id(text: &str) -> Uuid {
        text.parse().expect("a UUID")
    }

    #[test]
    fn golden_files_are_what_is_sent() {
        assert_golden!(
            GOLDEN,
            InvitationChanged(InvitationFact {
                invitation_id: id("019a0000-0000-7000-8000-0000000000b1").into(),
                survey_id: id("019a0000-0000-7000-8000-0000000000b0").into(),
                customer_id: id("019a0000-0000-7000-8000-000000000001").into(),
                contact_id: Some(id("019a0000-0000-7000-8000-000000000002").into()),
                sequence: 2,
                sent_at: "2026-03-04T01:30:00Z".parse().expect("an instant"),
                answered_at: Some("2026-03-06T08:00:00Z".parse().expect("an instant")),
                void: false,
            })
        );
    }
}
