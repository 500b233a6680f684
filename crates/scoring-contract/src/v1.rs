//! Events of the scoring service, version 1. They only grow: a field may be added with a default, never removed.

use chrono::{DateTime, Utc};
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Event;

use crate::{Confidence, Level, Reason, Score};

pub const SCORE_CHANGED: &str = "scoring.score.changed.v1";

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

/// One example of every event: type and data. Kept as files; a diff fails a test here, and consumers are fed them all.
pub const GOLDEN: &[(&str, &str)] = &[(ScoreChanged::TYPE, include_str!("../golden/scoring.score.changed.v1.json"))];

#[cfg(test)]
mod tests {
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
        let written = serde_json::to_string_pretty(&event).expect("JSON") + "\n";
        assert_eq!(written, GOLDEN[0].1, "the event changed shape");
        assert_eq!(serde_json::from_str::<ScoreChanged>(GOLDEN[0].1).expect("readable"), event);
    }
}
