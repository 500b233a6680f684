//! Events of the scoring service, version 1. They only grow: a field may be added with a default, never removed.

use chrono::{DateTime, Utc};
use registry_contract::{CustomerId, Tier};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{Event, golden};

use crate::{Confidence, Level, Reason, Score};

pub const SCORE_CHANGED: &str = "scoring.score.changed.v1";
pub const TIER_PROPOSED: &str = "scoring.tier.proposed.v1";

/// The score of a customer changed; also what a republication sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScoreChanged {
    pub customer_id: CustomerId,
    /// Version of the score; a greater one replaces a lesser one.
    pub sequence: i64,
    pub engagement: i64,
    pub satisfaction: i64,
    pub level: Level,
    pub confidence: Confidence,
    pub satisfaction_confidence: Confidence,
    pub reasons: Vec<Reason>,
    pub policy_version: String,
    pub as_of: DateTime<Utc>,
}

impl Event for ScoreChanged {
    const TYPE: &'static str = SCORE_CHANGED;

    fn subject(&self) -> Uuid {
        self.customer_id.into()
    }

    fn sequence(&self) -> i64 {
        self.sequence
    }
}

impl From<&Score> for ScoreChanged {
    fn from(score: &Score) -> Self {
        Self {
            customer_id: score.customer_id,
            sequence: score.version,
            engagement: score.engagement,
            satisfaction: score.satisfaction,
            level: score.level,
            confidence: score.confidence,
            satisfaction_confidence: score.satisfaction_confidence,
            reasons: score.reasons.clone(),
            policy_version: score.policy_version.clone(),
            as_of: score.as_of,
        }
    }
}

/// What a customer is worth asks for another tier, hysteresis applied. The registry makes a proposal of it, on which
/// people decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierProposed {
    pub customer_id: CustomerId,
    /// Counts what was proposed for this customer; a greater one replaces a lesser one.
    pub sequence: i64,
    pub tier: Tier,
    /// Customer value, 0 to 100.
    pub value: i64,
    /// What moved it most, the strongest first.
    pub reason_codes: Vec<String>,
    pub policy_version: String,
    pub as_of: DateTime<Utc>,
}

impl Event for TierProposed {
    const TYPE: &'static str = TIER_PROPOSED;

    fn subject(&self) -> Uuid {
        self.customer_id.into()
    }

    fn sequence(&self) -> i64 {
        self.sequence
    }
}

golden! {
    ScoreChanged = "scoring.score.changed.v1.json",
    TierProposed = "scoring.tier.proposed.v1.json",
}

#[cfg(test)]
mod tests {
    use wire::assert_golden;

    use super::*;
    use crate::ScoreSide;

    #[test]
    fn golden_file_is_what_is_sent() {
        let event = ScoreChanged {
            customer_id: "019a0000-0000-7000-8000-000000000001".parse::<Uuid>().expect("a UUID").into(),
            sequence: 4,
            engagement: 61,
            satisfaction: 68,
            level: Level::L4,
            confidence: Confidence::Medium,
            satisfaction_confidence: Confidence::Low,
            reasons: vec![Reason {
                code: "frequency-weak".to_owned(),
                about: ScoreSide::Engagement,
                effect: -18,
                text: "days with contact in 365 days: 10; the tier asks for 26".to_owned(),
            }],
            policy_version: "engagement-v1".to_owned(),
            as_of: "2026-03-04T01:30:00Z".parse().expect("an instant"),
        };
        assert_golden!(GOLDEN, event);
    }

    #[test]
    fn the_golden_file_of_a_proposed_tier_is_what_is_sent() {
        assert_golden!(
            GOLDEN,
            TierProposed {
                customer_id: "019a0000-0000-7000-8000-000000000001".parse::<Uuid>().expect("a UUID").into(),
                sequence: 2,
                tier: Tier::A,
                value: 81,
                reason_codes: vec!["revenue-high".to_owned(), "headroom-wide".to_owned()],
                policy_version: "value-v1".to_owned(),
                as_of: "2026-03-04T01:30:00Z".parse().expect("an instant"),
            }
        );
    }
}
