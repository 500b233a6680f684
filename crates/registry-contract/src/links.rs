use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::{Money, entity};

use crate::{CustomerId, CustomerKind, CustomerLinkId, LinkKind, Tier};

/// That a customer belongs to another, from a day until a day. Days are UTC's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerLink {
    pub id: CustomerLinkId,
    pub child_id: CustomerId,
    pub parent_id: CustomerId,
    pub kind: LinkKind,
    /// First day.
    pub from: NaiveDate,
    /// First day no longer; null while it lasts. The same as `from` of a link that was withdrawn: it never held.
    pub until: Option<NaiveDate>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(CustomerLink at "/api/v1/customer-links");

/// Whom a customer belongs to from a day on. A link that holds on that day ends there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomerLink {
    pub parent_id: CustomerId,
    #[serde(default)]
    pub kind: LinkKind,
    /// First day.
    pub from: NaiveDate,
    /// First day no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// Changes to a link (JSON Merge Patch, RFC 7396). Another parent or first day is another link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerLinkPatch {
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<LinkKind>,
    /// First day no longer; the first day itself withdraws the link.
    #[schema(value_type = Option<NaiveDate>)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub until: Option<Option<NaiveDate>>,
}

/// Which day's hierarchy to show, and how much of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HierarchyQuery {
    /// The day; today (UTC) when left out.
    pub as_of: Option<NaiveDate>,
    /// Levels below the customer that are listed. What is deeper counts in the sums of the last that is listed.
    #[param(minimum = 0, maximum = 20, default = 20)]
    pub depth: Option<usize>,
}

/// A customer among those it belonged to, and those that belonged to it, on a day. The links are that day's; names, tiers
/// and figures are as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hierarchy {
    pub as_of: NaiveDate,
    /// From the top of the group down to the customer's parent.
    pub ancestors: Vec<HierarchyMember>,
    /// The customer, then everything below it, each branch whole before the next; brothers and sisters by name.
    pub nodes: Vec<HierarchyNode>,
}

/// A customer in a hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HierarchyMember {
    pub id: CustomerId,
    pub code: String,
    pub name: String,
    pub kind: CustomerKind,
    pub tier: Tier,
    /// What joins it to its parent; null at the top.
    pub link: Option<MemberLink>,
}

/// How a customer belongs to its parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberLink {
    pub parent_id: CustomerId,
    pub kind: LinkKind,
    pub from: NaiveDate,
}

/// A customer in the tree, and what it comes to with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HierarchyNode {
    #[serde(flatten)]
    pub member: HierarchyMember,
    /// Levels below the customer that was asked for, which has 0.
    pub depth: usize,
    pub total: RollUp,
}

/// Sums over a customer and all below it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RollUp {
    pub customers: i64,
    pub by_tier: TierCounts,
    /// But for those who were erased.
    pub contacts: i64,
    /// One sum a currency, by its code: what is not told in one currency is not added up.
    pub annual_revenue: Vec<Money>,
}

/// Customers of each tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierCounts {
    #[serde(rename = "S")]
    pub strategic: i64,
    #[serde(rename = "A")]
    pub partner: i64,
    #[serde(rename = "B")]
    pub value: i64,
    #[serde(rename = "C")]
    pub general: i64,
}

impl TierCounts {
    pub fn count(&mut self, tier: Tier, customers: i64) {
        match tier {
            Tier::S => self.strategic += customers,
            Tier::A => self.partner += customers,
            Tier::B => self.value += customers,
            Tier::C => self.general += customers,
        }
    }

    pub fn add(&mut self, other: Self) {
        self.strategic += other.strategic;
        self.partner += other.partner;
        self.value += other.value;
        self.general += other.general;
    }
}
