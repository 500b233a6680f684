//! Whether a prospect is worth the effort (客户筛选): questions by policy, answers, a score, and a person's decision.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::entity;

use crate::{
    CriterionGroup, CustomerId, QualificationDecision, QualificationId, QualificationOutcome, QualificationPolicyId,
};

/// How prospects are scored. A version never changes; the newest is the one new qualifications go by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QualificationPolicy {
    pub id: QualificationPolicyId,
    /// From 1, which came with the product.
    pub version: i64,
    #[serde(flatten)]
    pub terms: NewQualificationPolicy,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
}

entity!(QualificationPolicy at "/api/v1/qualification-policies");

/// The next version of the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewQualificationPolicy {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Each with its weight; the weights sum to 100.
    #[schema(min_items = 1, max_items = 50)]
    pub criteria: Vec<Criterion>,
    /// Score from which a prospect passes, in hundredths of a point (0 to 10,000).
    #[schema(minimum = 0, maximum = 10_000)]
    pub pass_from: i32,
    /// Score from which it passes under conditions, in hundredths of a point; not above `pass_from`.
    #[schema(minimum = 0, maximum = 10_000)]
    pub conditional_from: i32,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$", example = "budget")]
    pub key: String,
    pub group: CriterionGroup,
    #[schema(min_length = 1, max_length = 500)]
    pub question: String,
    /// Of all criteria, in per cent.
    #[schema(minimum = 1, maximum = 100)]
    pub weight: i32,
    #[schema(min_items = 2, max_items = 20)]
    pub answers: Vec<AnswerChoice>,
}

/// An answer that can be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerChoice {
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$", example = "approved")]
    pub key: String,
    #[schema(min_length = 1, max_length = 200)]
    pub label: String,
    #[schema(minimum = 0, maximum = 100)]
    pub points: i32,
    /// Whoever answers so fails, whatever the score.
    #[serde(default)]
    pub knock_out: bool,
}

/// Answers to all questions of the newest policy, or of the version that is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQualification {
    #[schema(minimum = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<i64>,
    #[schema(min_items = 1, max_items = 50)]
    pub answers: Vec<QualificationAnswer>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QualificationAnswer {
    /// Key of the criterion.
    #[schema(min_length = 1, max_length = 50)]
    pub criterion: String,
    /// Key of one of its answers.
    #[schema(min_length = 1, max_length = 50)]
    pub answer: String,
    #[schema(min_length = 1, max_length = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A prospect held against a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Qualification {
    pub id: QualificationId,
    pub customer_id: CustomerId,
    pub policy_version: i64,
    pub answers: Vec<QualificationAnswer>,
    #[serde(flatten)]
    pub result: QualificationResult,
    /// What a person made of it; null until then.
    pub decision: Option<QualificationVerdict>,
    pub version: i64,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Qualification at "/api/v1/qualifications");

/// A score and what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QualificationResult {
    /// In hundredths of a point, 0 to 10,000: the sum of the contributions.
    pub score: i32,
    pub outcome: QualificationOutcome,
    /// Keys of the criteria whose answers knock out.
    pub knocked_out_by: Vec<String>,
    pub contributions: Vec<Contribution>,
}

/// What one answer adds to the score: weight times points, in hundredths of a point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contribution {
    pub criterion: String,
    pub group: CriterionGroup,
    pub weight: i32,
    pub points: i32,
    pub contribution: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QualificationVerdict {
    /// Of the decisions on this customer, from 1.
    pub number: i64,
    pub decision: QualificationDecision,
    pub reason: String,
    pub by: String,
    pub at: DateTime<Utc>,
}

/// A person's decision on a qualification; there is one, and it stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQualificationDecision {
    pub decision: QualificationDecision,
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}
