//! Events of the interactions service, version 1. They only grow: a field may be added with a default, never removed.

use chrono::{DateTime, Utc};
use registry_contract::{ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{events, golden};

use crate::{
    ActionPlanId, ActionPlanState, Interaction, InteractionChannel, InteractionId, Means, PromiseId, PromiseState,
};

mod meetings;

pub use meetings::{MANNER_MARKED, MEETING_CHANGED, MannerFact, MannerMarked, MeetingChanged, MeetingFact};

pub const INTERACTION_LOGGED: &str = "interactions.interaction.logged.v1";
pub const INTERACTION_AMENDED: &str = "interactions.interaction.amended.v1";
pub const PROMISE_CHANGED: &str = "interactions.promise.changed.v1";
pub const ACTION_PLAN_CHANGED: &str = "interactions.action_plan.changed.v1";

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
        }
    }
}

events! {
    /// An interaction was logged.
    InteractionLogged(InteractionFact) = INTERACTION_LOGGED, interaction_id;
    /// An interaction was corrected, perhaps moved to another customer; also what a republication sends.
    InteractionAmended(InteractionFact) = INTERACTION_AMENDED, interaction_id;
}

/// A promise to a customer as other services know it: not what was promised, only that something was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromiseFact {
    pub promise_id: PromiseId,
    pub customer_id: CustomerId,
    /// Version of the promise; a greater one replaces a lesser one.
    pub sequence: i64,
    /// User name of who sees to it.
    pub owner: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
    pub state: PromiseState,
}

/// A plan of actions for a customer as other services know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionPlanFact {
    pub action_plan_id: ActionPlanId,
    pub customer_id: CustomerId,
    /// Version of the plan; a greater one replaces a lesser one.
    pub sequence: i64,
    /// User name of who sees to it.
    pub owner: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
    pub state: ActionPlanState,
}

events! {
    /// A promise was made, or what became of it; also what a republication sends.
    PromiseChanged(PromiseFact) = PROMISE_CHANGED, promise_id;
    /// A plan was made or changed, or has ended; also what a republication sends.
    ActionPlanChanged(ActionPlanFact) = ACTION_PLAN_CHANGED, action_plan_id;
}

golden! {
    InteractionLogged = "interactions.interaction.logged.v1.json",
    InteractionAmended = "interactions.interaction.amended.v1.json",
    PromiseChanged = "interactions.promise.changed.v1.json",
    ActionPlanChanged = "interactions.action_plan.changed.v1.json",
    MeetingChanged = "interactions.meeting.changed.v1.json",
    MannerMarked = "interactions.manner.marked.v1.json",
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wire::assert_golden;

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
        }
    }

    fn id(text: &str) -> Uuid {
        text.parse().expect("a UUID")
    }

    #[test]
    fn golden_files_are_what_is_sent() {
        assert_golden!(GOLDEN, InteractionLogged(fact(1)));
        assert_golden!(GOLDEN, InteractionAmended(InteractionFact { outcome: None, staff: vec![], ..fact(2) }));
        assert_golden!(
            GOLDEN,
            PromiseChanged(PromiseFact {
                promise_id: id("019a0000-0000-7000-8000-00000000000b").into(),
                customer_id: id("019a0000-0000-7000-8000-000000000001").into(),
                sequence: 1,
                owner: Some("li.wei".to_owned()),
                due_at: Some("2026-03-20T09:00:00Z".parse().expect("an instant")),
                state: PromiseState::Open,
            })
        );
        assert_golden!(
            GOLDEN,
            ActionPlanChanged(ActionPlanFact {
                action_plan_id: id("019a0000-0000-7000-8000-00000000000c").into(),
                customer_id: id("019a0000-0000-7000-8000-000000000001").into(),
                sequence: 3,
                owner: Some("li.wei".to_owned()),
                due_at: None,
                state: ActionPlanState::Active,
            })
        );
    }
}
