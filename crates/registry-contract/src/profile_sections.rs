//! What stands in each section of a customer's profile (客户企业档案, CP). Items of lists carry a `key` that stays theirs
//! from version to version: by it, two versions are compared.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::Money;

use crate::{Effect, IndustryPhase, Period, PestArea, PositionId, ProfileSection, PurchasingMode};

/// The content of one section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "section", content = "content", rename_all = "snake_case")]
pub enum ProfileContent {
    MacroEnvironment(MacroEnvironment),
    IndustryDynamics(IndustryDynamics),
    Competition(Competition),
    StrategyAndPainPoints(StrategyAndPainPoints),
    FinancialAnalysis(FinancialAnalysis),
    OrganisationAndPurchasing(OrganisationAndPurchasing),
    SwotSummary(SwotSummary),
}

impl ProfileContent {
    pub fn section(&self) -> ProfileSection {
        match self {
            Self::MacroEnvironment(_) => ProfileSection::MacroEnvironment,
            Self::IndustryDynamics(_) => ProfileSection::IndustryDynamics,
            Self::Competition(_) => ProfileSection::Competition,
            Self::StrategyAndPainPoints(_) => ProfileSection::StrategyAndPainPoints,
            Self::FinancialAnalysis(_) => ProfileSection::FinancialAnalysis,
            Self::OrganisationAndPurchasing(_) => ProfileSection::OrganisationAndPurchasing,
            Self::SwotSummary(_) => ProfileSection::SwotSummary,
        }
    }
}

macro_rules! contents {
    ($($section:ident)+) => { $(
        impl From<$section> for ProfileContent {
            fn from(content: $section) -> Self {
                Self::$section(content)
            }
        }
    )+ };
}

contents! {
    MacroEnvironment IndustryDynamics Competition StrategyAndPainPoints FinancialAnalysis OrganisationAndPurchasing
    SwotSummary
}

/// What politics, economy, society and technology do to the customer (PEST, 宏观环境).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MacroEnvironment {
    #[schema(max_items = 100)]
    #[serde(default)]
    pub factors: Vec<PestFactor>,
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PestFactor {
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$", example = "carbon-price")]
    pub key: String,
    pub area: PestArea,
    #[schema(min_length = 1, max_length = 1000)]
    pub statement: String,
    pub effect: Effect,
}

/// Where the customer's industry goes (行业动态).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndustryDynamics {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<IndustryPhase>,
    /// Sales of the whole industry in a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_size: Option<Money>,
    /// Growth of these sales over a year, in basis points (1 % = 100).
    #[schema(minimum = -10_000, maximum = 100_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth_bp: Option<i32>,
    #[schema(max_items = 100)]
    #[serde(default)]
    pub trends: Vec<Trend>,
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
    pub key: String,
    #[schema(min_length = 1, max_length = 1000)]
    pub statement: String,
    pub effect: Effect,
}

/// Against whom the customer competes (客户竞争环境).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Competition {
    /// Where the customer stands among them.
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// The customer's own share of its market, in basis points (1 % = 100).
    #[schema(minimum = 0, maximum = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_share_bp: Option<i32>,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub competitors: Vec<Rival>,
}

/// A competitor of the customer; ours are under `/customers/{id}/vendors`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rival {
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
    pub key: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Of the customer's market, in basis points (1 % = 100).
    #[schema(minimum = 0, maximum = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_share_bp: Option<i32>,
    #[schema(min_length = 1, max_length = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strengths: Option<String>,
    #[schema(min_length = 1, max_length = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weaknesses: Option<String>,
}

/// What the customer wants and what hurts it, unaltered, in its own words (客户战略与痛点).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StrategyAndPainPoints {
    #[schema(max_items = 100)]
    #[serde(default)]
    pub goals: Vec<Saying>,
    #[schema(max_items = 100)]
    #[serde(default)]
    pub pain_points: Vec<Saying>,
}

/// What the customer said, as it said it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Saying {
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
    pub key: String,
    /// Word for word, in the language it was said in.
    #[schema(min_length = 1, max_length = 2000)]
    pub words: String,
    /// Where it was said: a meeting, a report, a speech.
    #[schema(min_length = 1, max_length = 300)]
    pub source: String,
    /// When it was said.
    pub said_on: NaiveDate,
    /// Key of the evidence that shows it.
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What we take from it, kept apart from the words.
    #[schema(min_length = 1, max_length = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
}

/// The customer's figures, period by period (财务分析). All amounts of a section are in one currency.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinancialAnalysis {
    #[schema(max_items = 40)]
    #[serde(default)]
    pub periods: Vec<FinancialPeriod>,
    /// Days within which the customer pays.
    #[schema(minimum = 0, maximum = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_days: Option<i32>,
    /// As an agency or our own finance people rate it, such as `AA-`.
    #[schema(min_length = 1, max_length = 20)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_rating: Option<String>,
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinancialPeriod {
    /// The year, half-year or quarter: `2025`, `2025-H1`, `2025-Q3`.
    pub key: Period,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_profit: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_profit: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_cash_flow: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_assets: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_liabilities: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_assets: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_liabilities: Option<Money>,
}

/// How the customer is organised and buys (组织架构、采购模式与流程).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationAndPurchasing {
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchasing_mode: Option<PurchasingMode>,
    /// The way of a purchase, first step first.
    #[schema(max_items = 50)]
    #[serde(default)]
    pub steps: Vec<PurchasingStep>,
    /// Days from need to contract.
    #[schema(minimum = 1, maximum = 3650)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle_days: Option<i32>,
    /// What the customer spends in a year on what we sell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual_budget: Option<Money>,
    /// Month in which the budget is set, 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_month: Option<i32>,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub rules: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchasingStep {
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
    pub key: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(minimum = 0, maximum = 3650)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i32>,
    /// The seat of this customer that decides the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position_id: Option<PositionId>,
}

/// Strengths, weaknesses, opportunities, threats of the customer, and what follows for us.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwotSummary {
    #[schema(max_items = 50)]
    #[serde(default)]
    pub strengths: Vec<Statement>,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub weaknesses: Vec<Statement>,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub opportunities: Vec<Statement>,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub threats: Vec<Statement>,
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
    pub key: String,
    #[schema(min_length = 1, max_length = 1000)]
    pub statement: String,
}
