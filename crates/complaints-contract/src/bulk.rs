use registry_contract::BulkMode;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::{Complaint, NewComplaint};

/// Complaints to register in one request. A row whose `external_id` is registered already brings that complaint up to
/// date instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkComplaints {
    #[schema(min_items = 1, max_items = 1000)]
    pub complaints: Vec<NewComplaint>,
}

/// How to take a bulk request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BulkComplaintsQuery {
    /// `atomic` (all rows or none), the default, or `per_row`.
    #[serde(default)]
    pub mode: BulkMode,
}

/// What became of a bulk request, row by row in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkComplaintsResult {
    pub mode: BulkMode,
    pub succeeded: usize,
    pub failed: usize,
    pub results: Vec<BulkComplaintOutcome>,
}

/// What became of one row: `complaint` when it was taken, `problem` when it was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkComplaintOutcome {
    /// Position in the request, from 0.
    pub row: usize,
    /// The status this row alone would have been answered with: 201 registered, 200 brought up to date or unchanged.
    #[schema(example = 201)]
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint: Option<Complaint>,
    #[schema(schema_with = problem)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<serde_json::Value>,
}

/// The problem document is the `problem` crate's, which contracts do not depend on.
fn problem() -> RefOr<Schema> {
    Ref::from_schema_name("Problem").into()
}
