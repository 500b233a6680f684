use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The numbers a score is computed with. A version never changes; other numbers are another version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScorePolicy {
    #[schema(example = "engagement-v1")]
    pub version: String,
    /// Whether scores are computed with it now.
    pub current: bool,
    /// Days with contact a year, by tier.
    pub cadence: Cadence,
    /// How far back interactions count, in days.
    pub window_days: i64,
    /// Full marks of the parts of engagement; they add up to 100.
    pub engagement: EngagementWeights,
    /// Weight of an interaction by how it was had.
    pub depth: DepthWeights,
    /// Satisfaction without any evidence.
    pub neutral_satisfaction: i64,
    /// Days after which a settled complaint counts half.
    pub half_life_days: i64,
    pub complaints: ComplaintWeights,
    /// Engagement from which levels L2 to L5 begin; L1 begins at 0. Satisfaction is read on the same scale.
    pub levels: [i64; 4],
    pub confidence: ConfidenceThresholds,
}

/// Evidence from which a number is held with medium and with high confidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfidenceThresholds {
    /// Engagement: days with contact in the window.
    pub contact_days_medium: i64,
    pub contact_days_high: i64,
    /// Satisfaction: complaints that were not withdrawn.
    pub complaints_medium: i64,
    pub complaints_high: i64,
}

/// Days with contact a year that a tier asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cadence {
    #[serde(rename = "S")]
    pub s: i64,
    #[serde(rename = "A")]
    pub a: i64,
    #[serde(rename = "B")]
    pub b: i64,
    #[serde(rename = "C")]
    pub c: i64,
}

/// Full marks of the parts of engagement, in points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EngagementWeights {
    /// People met of those known. Where seats of the decision chain are known, `seats` of these points go by them.
    pub breadth: i64,
    pub seats: i64,
    pub frequency: i64,
    pub recency: i64,
    pub depth: i64,
    pub outcome: i64,
}

/// Weight of an interaction in person, by means; `video` takes off a quarter (rounded up), a call counts at most `call`,
/// anything in writing counts `written`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DepthWeights {
    pub executive_meeting: i64,
    /// The five means of 151.
    pub five_means: i64,
    /// Annual meeting, summit, service forum, training.
    pub gathering: i64,
    /// Routine visit, survey visit, hotline.
    pub routine: i64,
    pub call: i64,
    pub written: i64,
}

/// What a complaint does to satisfaction, in thousandths of a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintWeights {
    /// Loss by severity 1 to 4; a complaint about safety counts as severity 1.
    pub loss: [i64; 4],
    /// Further loss for each deadline missed (acknowledgement, response, resolution), in percent of the loss.
    pub late_percent: i64,
    /// Further loss for each time reopened, in percent of the loss, at most twice.
    pub reopened_percent: i64,
    /// Further loss while it is open, in percent of the loss.
    pub open_percent: i64,
    /// Gain, instead of any loss, when it was settled with every deadline kept and never reopened.
    pub recovered: i64,
}
