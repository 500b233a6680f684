//! A customer's profile: its sections, their versions, and how these are reviewed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::Entity;

use crate::{
    CustomerId, Period, ProfileAct, ProfileContent, ProfileSection, ProfileState, ProfileVersionId, ReviewDecision,
};

/// What shows that a section is right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Evidence {
    /// Something on the web.
    Link {
        #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
        key: String,
        #[schema(min_length = 1, max_length = 200)]
        title: String,
        #[schema(min_length = 1, max_length = 2000, pattern = r"^https?://[^\s/?#]+([/?#]\S*)?$")]
        url: String,
    },
    /// A meeting, call or message that is recorded.
    Interaction {
        #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
        key: String,
        #[schema(min_length = 1, max_length = 200)]
        title: String,
        interaction_id: Uuid,
    },
    /// A document kept elsewhere, by its reference there.
    Document {
        #[schema(pattern = "^[a-z0-9][a-z0-9_-]{0,49}$")]
        key: String,
        #[schema(min_length = 1, max_length = 200)]
        title: String,
        #[schema(min_length = 1, max_length = 200)]
        reference: String,
    },
}

impl Evidence {
    pub fn key(&self) -> &str {
        match self {
            Self::Link { key, .. } | Self::Interaction { key, .. } | Self::Document { key, .. } => key,
        }
    }
}

/// What a draft is to say; replaces what it said. `C` is the content of the section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileEdit<C> {
    // Inline: a reference to the type of a parameter leads nowhere.
    #[schema(inline)]
    pub content: C,
    #[schema(max_items = 100)]
    #[serde(default = "Vec::new")]
    pub evidence: Vec<Evidence>,
    /// Last day on which the section is to be relied on; needed to submit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
}

/// What a draft is to say; replaces what it said. `content` has the shape of the section that the path names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileDraft {
    #[schema(schema_with = any_content)]
    pub content: serde_json::Value,
    #[schema(max_items = 100)]
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Last day on which the section is to be relied on; needed to submit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
}

fn any_content() -> RefOr<Schema> {
    let names = [
        "MacroEnvironment",
        "IndustryDynamics",
        "Competition",
        "StrategyAndPainPoints",
        "FinancialAnalysis",
        "OrganisationAndPurchasing",
        "SwotSummary",
    ];
    let shapes = names.into_iter().fold(OneOfBuilder::new(), |any, name| any.item(Ref::from_schema_name(name)));
    RefOr::T(Schema::OneOf(shapes.description(Some("Of the shape of the section in the path.")).build()))
}

/// One version of a section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileVersion {
    pub id: ProfileVersionId,
    /// From 1, within the section.
    pub number: i64,
    pub state: ProfileState,
    /// How often it was submitted.
    pub round: i64,
    #[serde(flatten)]
    pub content: ProfileContent,
    pub evidence: Vec<Evidence>,
    /// Last day on which it is to be relied on.
    pub valid_until: Option<NaiveDate>,
    /// Everyone who wrote in it, first things first.
    pub authors: Vec<String>,
    /// What happened to it after it was written, oldest first.
    pub history: Vec<ProfileEntry>,
    /// Of the periods of a financial analysis; computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratios: Vec<FinancialRatios>,
    /// How much of what the section has room for is there, in per cent.
    pub completeness: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A step of a version's review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileEntry {
    pub act: ProfileAct,
    pub round: i64,
    pub by: String,
    pub at: DateTime<Utc>,
    pub comment: Option<String>,
}

/// Ratios of a period, in basis points (1 % = 100), rounded half away from zero; null where a figure is missing or is
/// divided by zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FinancialRatios {
    pub period: Period,
    /// Revenue against the same period of the year before.
    pub growth_bp: Option<i64>,
    /// Gross profit by revenue.
    pub gross_margin_bp: Option<i64>,
    /// Net profit by revenue.
    pub net_margin_bp: Option<i64>,
    /// Total liabilities by total assets.
    pub debt_bp: Option<i64>,
    /// Current assets by current liabilities.
    pub current_bp: Option<i64>,
    /// Operating cash flow by net profit.
    pub cash_conversion_bp: Option<i64>,
}

/// A section as it stands: what is relied on, and what is being written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SectionProfile {
    pub customer_id: CustomerId,
    pub section: ProfileSection,
    /// Grows with every change of the section; the `ETag`. 0 where nothing was written yet.
    pub revision: i64,
    pub approved: Option<ProfileVersion>,
    /// The version after it, unless there is none.
    pub open: Option<ProfileVersion>,
}

impl Entity for SectionProfile {
    const PATH: &'static str = "/api/v1/customers";

    fn id(&self) -> Uuid {
        self.customer_id.into()
    }

    fn version(&self) -> i64 {
        self.revision
    }
}

/// What a reviewer finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProfileReview {
    /// The version that was read.
    #[schema(minimum = 1)]
    pub number: i64,
    /// Its round when it was read: what was submitted anew since is not what this decision is about.
    #[schema(minimum = 1)]
    pub round: i64,
    pub decision: ReviewDecision,
    /// Needed to request changes.
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A customer's profile at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileOverview {
    pub customer_id: CustomerId,
    pub as_of: NaiveDate,
    /// Sections with an approved version that is not stale, in per cent of all.
    pub completeness: i32,
    pub sections: Vec<SectionOverview>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SectionOverview {
    pub section: ProfileSection,
    /// Of the version that is being written, else of the approved one.
    pub state: Option<ProfileState>,
    pub approved: Option<VersionOverview>,
    pub open: Option<VersionOverview>,
    /// Whether the approved version is past its last day.
    pub stale: bool,
    /// Of the approved version, else of the open one, in per cent.
    pub completeness: i32,
    /// How many different people must approve a version.
    pub reviewers: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionOverview {
    pub number: i64,
    pub state: ProfileState,
    pub valid_until: Option<NaiveDate>,
    pub updated_at: DateTime<Utc>,
}

/// Which day a profile is looked at.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProfileQuery {
    /// What is stale on this day; today, where the customer is, unless given.
    pub as_of: Option<NaiveDate>,
}

/// Which two versions to compare.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProfileDiffQuery {
    #[param(minimum = 1)]
    pub from: i64,
    #[param(minimum = 1)]
    pub to: i64,
}

/// What differs between two versions of a section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileDiff {
    pub section: ProfileSection,
    pub from: i64,
    pub to: i64,
    pub changes: Vec<ProfileChange>,
}

/// One difference. `pointer` is a JSON pointer (RFC 6901) into `{content, evidence, valid_until}`, in which an item of a
/// list is named by its `key` instead of its place: `/content/goals/growth/words`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ProfileChange {
    Added {
        pointer: String,
        to: serde_json::Value,
    },
    Removed {
        pointer: String,
        from: serde_json::Value,
    },
    Changed {
        pointer: String,
        from: serde_json::Value,
        to: serde_json::Value,
    },
    /// The items of a list stand in this order now, by their keys.
    Reordered {
        pointer: String,
        to: Vec<String>,
    },
}

/// A version that waits for a review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WaitingReview {
    /// Of the version.
    pub id: ProfileVersionId,
    pub customer_id: CustomerId,
    pub section: ProfileSection,
    pub number: i64,
    pub round: i64,
    pub authors: Vec<String>,
    /// How many of the approvals it needs are there.
    pub approvals: i32,
    pub reviewers: i32,
    pub submitted_at: DateTime<Utc>,
    /// When it was submitted or last approved by somebody.
    pub updated_at: DateTime<Utc>,
}
