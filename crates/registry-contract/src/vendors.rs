//! Who else sells to a customer (供应商档案, VP): the vendors, ourselves among them, and what share of its spending each has.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Entity, Money, entity};

use crate::{CustomerId, Period, PeriodLength, PositionId, VendorId, VendorKind, VendorShareTableId};

/// One who sells to the customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Vendor {
    pub id: VendorId,
    pub customer_id: CustomerId,
    pub kind: VendorKind,
    pub name: String,
    pub strengths: Vec<String>,
    pub weaknesses: Vec<String>,
    pub relations: Vec<VendorRelation>,
    pub note: Option<String>,
    /// The vendor that this one is the same as: what was recorded of this one counts for that one.
    pub same_as: Option<VendorId>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Vendor at "/api/v1/vendors");

/// How a vendor stands with a seat of the customer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VendorRelation {
    pub position_id: PositionId,
    #[schema(min_length = 1, max_length = 500)]
    pub note: String,
}

/// A vendor to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVendor {
    /// `self` is us; a customer has at most one such vendor, or after a merge two, until one is the `same_as` the other.
    #[serde(default)]
    #[schema(default = "competitor")]
    pub kind: VendorKind,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub strengths: Vec<String>,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub weaknesses: Vec<String>,
    /// With seats of this customer.
    #[schema(max_items = 100)]
    #[serde(default)]
    pub relations: Vec<VendorRelation>,
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What would make this vendor anew; where a change starts from.
impl From<&Vendor> for NewVendor {
    fn from(vendor: &Vendor) -> Self {
        let vendor = vendor.clone();
        Self {
            kind: vendor.kind,
            name: vendor.name,
            strengths: vendor.strengths,
            weaknesses: vendor.weaknesses,
            relations: vendor.relations,
            note: vendor.note,
        }
    }
}

/// Changes to a vendor (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VendorPatch {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[schema(max_items = 50, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strengths: Option<Vec<String>>,
    #[schema(max_items = 50, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weaknesses: Option<Vec<String>>,
    #[schema(max_items = 100, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relations: Option<Vec<VendorRelation>>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub note: Option<Option<String>>,
    /// Makes one vendor of two, such as a merge of customers may leave: another vendor of the same customer and kind, which
    /// is not itself the same as a third. Null parts them again.
    #[schema(value_type = Option<VendorId>)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub same_as: Option<Option<VendorId>>,
}

impl VendorPatch {
    /// Writes what is present over `vendor`, which knows nothing of `same_as`.
    pub fn apply(self, vendor: &mut NewVendor) {
        vendor.name = self.name.unwrap_or(std::mem::take(&mut vendor.name));
        vendor.strengths = self.strengths.unwrap_or(std::mem::take(&mut vendor.strengths));
        vendor.weaknesses = self.weaknesses.unwrap_or(std::mem::take(&mut vendor.weaknesses));
        vendor.relations = self.relations.unwrap_or(std::mem::take(&mut vendor.relations));
        vendor.note = self.note.unwrap_or(vendor.note.take());
    }
}

/// Who had which part of the customer's spending in a period; replaces what was recorded for the whole period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VendorShares {
    #[schema(max_items = 100)]
    pub lines: Vec<ShareLine>,
}

/// The shares of one product line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareLine {
    #[schema(min_length = 1, max_length = 100)]
    pub product_line: String,
    /// What the customer spent on the line in the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet: Option<Money>,
    /// Of all vendors that are known; together at most 10,000.
    #[schema(max_items = 100)]
    pub shares: Vec<VendorShare>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VendorShare {
    pub vendor_id: VendorId,
    /// In basis points (1 % = 100).
    #[schema(minimum = 0, maximum = 10_000)]
    pub share_bp: i32,
}

/// Who has what in a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VendorStructure {
    pub customer_id: CustomerId,
    pub period: Period,
    /// How often the period was recorded; the `ETag`. 0 where it never was.
    pub revision: i64,
    pub recorded_by: Option<String>,
    pub recorded_at: Option<DateTime<Utc>>,
    pub lines: Vec<LineStructure>,
}

impl Entity for VendorStructure {
    const PATH: &'static str = "/api/v1/customers";

    fn id(&self) -> Uuid {
        self.customer_id.into()
    }

    fn version(&self) -> i64 {
        self.revision
    }
}

/// Who has what of a product line; everything in basis points of what the customer spends on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LineStructure {
    pub product_line: String,
    pub wallet: Option<Money>,
    /// The largest share first.
    pub holders: Vec<ShareHolder>,
    pub known_bp: i32,
    pub unknown_bp: i32,
    pub our_share_bp: i32,
    /// What we do not have.
    pub headroom_bp: i32,
    /// The same as money, rounded down; null without a wallet.
    pub headroom: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShareHolder {
    pub vendor_id: VendorId,
    pub name: String,
    pub kind: VendorKind,
    pub share_bp: i32,
}

/// What was recorded for a period at one time. The newest is what counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShareRecord {
    pub id: VendorShareTableId,
    pub period: Period,
    pub revision: i64,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub lines: Vec<ShareLine>,
}

/// How shares move from period to period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VendorTrends {
    pub customer_id: CustomerId,
    pub length: PeriodLength,
    /// By product line, then by the newest share, the largest first.
    pub trends: Vec<VendorTrend>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VendorTrend {
    pub product_line: String,
    pub vendor_id: VendorId,
    pub name: String,
    pub kind: VendorKind,
    /// The oldest first; periods in which nothing is known of the vendor are left out.
    pub series: Vec<SharePoint>,
    /// From the last but one to the last, in basis points; null with fewer than two.
    pub change_bp: Option<i32>,
    /// Of the line through all points by least squares, in basis points a period; null with fewer than two.
    pub slope_bp: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SharePoint {
    pub period: Period,
    pub share_bp: i32,
}

/// Which trends to show.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VendorTrendQuery {
    /// Periods of this length; quarters unless given.
    #[param(inline)]
    pub length: Option<PeriodLength>,
    /// Of this product line only.
    #[param(min_length = 1, max_length = 100)]
    pub product_line: Option<String>,
}
