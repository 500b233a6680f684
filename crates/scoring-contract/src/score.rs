use chrono::{DateTime, Utc};
use registry_contract::{AnyOf, CustomerId, Tier};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Entity, words};

words! {
    /// Level of the relationship: the fifth of the scale that engagement lies in, and never more than one level above
    /// that of satisfaction.
    Level {
        /// 0-19
        L1 = "L1",
        /// 20-39
        L2 = "L2",
        /// 40-59
        L3 = "L3",
        /// 60-79
        L4 = "L4",
        /// 80-100
        L5 = "L5",
    }
}

words! {
    /// How much evidence a number rests on.
    Confidence {
        Low = "low",
        Medium = "medium",
        High = "high",
    }
}

words! {
    /// Which of the two numbers something is about.
    ScoreSide {
        Engagement = "engagement",
        Satisfaction = "satisfaction",
    }
}

/// What the numbers were computed from. Counts are of the 365 days before `as_of` unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScoreInputs {
    /// The tier, which sets the cadence.
    pub tier: Tier,
    /// Days with contact a year that the tier asks for.
    pub cadence: i64,
    /// People known at the customer, those met without being registered included.
    pub people_known: i64,
    /// Different people met.
    pub people_met: i64,
    /// Seats with a role in the decision chain.
    pub seats_known: i64,
    /// Those held, at `as_of`, by somebody met.
    pub seats_met: i64,
    pub interactions: i64,
    /// Different days (UTC) with an interaction.
    pub contact_days: i64,
    /// Sum over these days of the weight of the day's deepest interaction.
    pub depth: i64,
    /// Interactions with an outcome.
    pub judged: i64,
    /// Sum over them of outcome less 2, so that neutral is 0.
    pub outcome_balance: i64,
    /// Latest interaction of all times.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// Complaints of all times, withdrawn ones left out; the three below likewise.
    pub complaints: i64,
    pub complaints_open: i64,
    /// With at least one deadline missed.
    pub complaints_late: i64,
    pub complaints_reopened: i64,
    /// Latest receipt of a complaint.
    pub last_complaint_at: Option<DateTime<Utc>>,
}

/// Something that moved one of the numbers, and by how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// Stable, kebab-case.
    #[schema(example = "frequency-weak")]
    pub code: String,
    pub about: ScoreSide,
    /// In points. Engagement: what was gained, or what is missing to the full mark. Satisfaction: distance from
    /// neutral.
    #[schema(minimum = -100, maximum = 100, example = -18)]
    pub effect: i64,
    #[schema(example = "days with contact in 365 days: 10; the tier asks for 26")]
    pub text: String,
}

/// The score of a customer: how close and how content, with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Score {
    pub customer_id: CustomerId,
    #[schema(example = "C-000123")]
    pub customer_code: String,
    #[schema(minimum = 0, maximum = 100)]
    pub engagement: i64,
    #[schema(minimum = 0, maximum = 100)]
    pub satisfaction: i64,
    pub level: Level,
    /// Of engagement and level.
    pub confidence: Confidence,
    /// Of satisfaction: low when there has been no complaint to judge by.
    pub satisfaction_confidence: Confidence,
    pub inputs: ScoreInputs,
    /// The strongest, strongest first.
    #[schema(max_items = 6)]
    pub reasons: Vec<Reason>,
    #[schema(example = "engagement-v1")]
    pub policy_version: String,
    /// The instant the numbers hold for: with the same facts and policy it gives the same numbers again.
    pub as_of: DateTime<Utc>,
    /// Rises when a number, a count or a reason changes; not when only `as_of` moves on.
    pub version: i64,
    /// When `version` last rose.
    pub updated_at: DateTime<Utc>,
}

impl Entity for Score {
    const PATH: &'static str = "/api/v1/scores";

    fn id(&self) -> Uuid {
        self.customer_id.into()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// A score as it was from `as_of` on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScoreRevision {
    /// Of the revision.
    pub id: Uuid,
    pub version: i64,
    #[schema(minimum = 0, maximum = 100)]
    pub engagement: i64,
    #[schema(minimum = 0, maximum = 100)]
    pub satisfaction: i64,
    pub level: Level,
    pub confidence: Confidence,
    pub satisfaction_confidence: Confidence,
    pub inputs: ScoreInputs,
    pub reasons: Vec<Reason>,
    pub policy_version: String,
    /// The instant the numbers were computed for.
    pub as_of: DateTime<Utc>,
}

/// A score with what it takes to check it against the sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    pub score: Score,
    /// Every kind of fact held about the customer.
    pub facts: Vec<FactsDigest>,
    /// Whether facts have arrived that the score does not show yet.
    pub rescoring_due: bool,
}

/// The facts of one kind held about a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactsDigest {
    /// The resource the facts are about, as in the types of its events.
    #[schema(example = "interactions.interaction")]
    pub source: String,
    pub count: i64,
    /// When the latest of the changes known here happened.
    pub latest: Option<DateTime<Utc>>,
    /// FNV-1a (128 bits) over the lines `<id> <sequence>`, ordered by id: see `facts_digest` of this crate.
    #[schema(min_length = 32, max_length = 32)]
    pub digest: String,
}

/// Which customers to score again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rescoring {
    /// Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_items = 1, max_items = 1000)]
    pub customer_ids: Option<Vec<CustomerId>>,
}

/// How many customers will be scored again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rescored {
    pub marked: usize,
}

/// Which scores to list, and how.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScoreQuery {
    /// Of customers of any of these tiers, comma-separated.
    #[param(value_type = Option<Vec<Tier>>, explode = false)]
    pub tier: Option<AnyOf<Tier>>,
    /// Of any of these levels.
    #[param(value_type = Option<Vec<Level>>, explode = false)]
    pub level: Option<AnyOf<Level>>,
    /// Of customers of any of these account managers.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub owner: Option<AnyOf<String>>,
    #[param(minimum = 0, maximum = 100)]
    pub min_engagement: Option<i64>,
    #[param(minimum = 0, maximum = 100)]
    pub max_engagement: Option<i64>,
    #[param(minimum = 0, maximum = 100)]
    pub min_satisfaction: Option<i64>,
    #[param(minimum = 0, maximum = 100)]
    pub max_satisfaction: Option<i64>,
    /// Changed at this instant or later.
    pub updated_since: Option<DateTime<Utc>>,
}
