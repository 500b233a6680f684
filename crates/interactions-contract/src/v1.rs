//! Events of the interactions service, version 1. They only grow: a field may be added with a default, never removed.

use chrono::{DateTime, Utc};
use registry_contract::{ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Event;

use crate::{Interaction, InteractionChannel, InteractionId, Manner, Means};

mod meetings;

pub use meetings::{MEETING_CHANGED, MeetingChanged, MeetingFact};

pub const INTERACTION_LOGGED: &str = "interactions.interaction.logged.v1";
pub const INTERACTION_AMENDED: &str = "interactions.interaction.amended.v1";

/// An interaction as other services know it: no words that people wrote, only what can be counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InteractionFact {
    pub interaction_id: InteractionId,
    pub customer_id: CustomerId,
    /// Version of the interaction; a greater one replaces a lesser one.
    pub sequence: i64,
    pub occurred_at: DateTime<Utc>,
    pub channel: InteractionChannel,
    pub means: Means,
    /// 0 harmful, 1 poor, 2 neutral, 3 good, 4 excellent.
    pub outcome: Option<i16>,
    pub contact_ids: Vec<ContactId>,
    /// User names of our people.
    pub staff: Vec<String>,
    /// How the customer's people met us, where somebody marked it. No service marks it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manner: Option<Manner>,
}

impl From<&Interaction> for InteractionFact {
    fn from(interaction: &Interaction) -> Self {
        Self {
            interaction_id: interaction.id,
            customer_id: interaction.customer_id,
            sequence: interaction.version,
            occurred_at: interaction.occurred_at,
            channel: interaction.channel,
            means: interaction.means,
            outcome: interaction.outcome,
            contact_ids: interaction.contact_ids.clone(),
            staff: interaction.staff.clone(),
            manner: None,
        }
    }
}

macro_rules! event {
    ($(#[$doc:meta])* $name:ident, $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub InteractionFact);

        impl Event for $name {
            const TYPE: &'static str = $type;

            fn subject(&self) -> Uuid {
                self.0.interaction_id.into()
            }

            fn sequence(&self) -> i64 {
                self.0.sequence
            }
        }

        impl From<&Interaction> for $name {
            fn from(interaction: &Interaction) -> Self {
                Self(interaction.into())
            }
        }
    };
}

event! {
    /// An interaction was logged.
    InteractionLogged, INTERACTION_LOGGED
}

event! {
    /// An interaction was corrected, perhaps moved to another customer; also what a republication sends.
    InteractionAmended, INTERACTION_AMENDED
}

/// One example of every event: type and data. Kept as files; a diff fails a test here, and consumers are fed them all.
pub const GOLDEN: &[(&str, &str)] = &[
    (InteractionLogged::TYPE, include_str!("../golden/interactions.interaction.logged.v1.json")),
    (InteractionAmended::TYPE, include_str!("../golden/interactions.interaction.amended.v1.json")),
    (MeetingChanged::TYPE, include_str!("../golden/interactions.meeting.changed.v1.json")),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(sequence: i64) -> InteractionFact {
        InteractionFact {
            interaction_id: id("019a0000-0000-7000-8000-00000000000a").into(),
            customer_id: id("019a0000-0000-7000-8000-000000000001").into(),
            sequence,
            occurred_at: "2026-03-04T01:30:00Z".parse().expect("an instant"),
            channel: InteractionChannel::Visit,
            means: Means::TechnicalExchange,
            outcome: Some(3),
            contact_ids: vec![id("019a0000-0000-7000-8000-000000000002").into()],
            staff: vec!["li.wei".to_owned()],
            manner: None,
        }
    }

    fn id(text: &str) -> Uuid {
        text.parse().expect("a UUID")
    }

    fn assert_golden<E: Event + PartialEq + std::fmt::Debug>(event: E) {
        let golden = GOLDEN.iter().find(|(name, _)| *name == E::TYPE).expect("a golden file").1;
        let written = serde_json::to_string_pretty(&event).expect("JSON") + "\n";
        assert_eq!(written, golden, "the event {} changed shape", E::TYPE);
        assert_eq!(serde_json::from_str::<E>(golden).expect("readable"), event);
    }

    #[test]
    fn golden_files_are_what_is_sent() {
        assert_golden(InteractionLogged(fact(1)));
        assert_golden(MeetingChanged(MeetingFact {
            meeting_id: id("019a0000-0000-7000-8000-00000000000b").into(),
            customer_id: id("019a0000-0000-7000-8000-000000000001").into(),
            sequence: 2,
            planned_at: "2026-03-04T01:30:00Z".parse().expect("an instant"),
            state: crate::MeetingState::Declined,
            invited: 4,
            attended: 0,
        }));
        assert_golden(InteractionAmended(InteractionFact { outcome: None, staff: vec![], ..fact(2) }));
    }
}
