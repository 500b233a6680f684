use registry_contract::BulkMode;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::{Interaction, NewInteraction};

/// Interactions to log in one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkInteractions {
    #[schema(min_items = 1, max_items = 1000)]
    pub interactions: Vec<NewInteraction>,
}

/// How to take a bulk request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BulkInteractionsQuery {
    /// `atomic` (the default) logs all rows or none; `per_row` every good one.
    #[serde(default)]
    #[param(inline, required = false)]
    pub mode: BulkMode,
}

/// What became of a bulk request, row by row in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkInteractionsResult {
    pub mode: BulkMode,
    pub succeeded: usize,
    pub failed: usize,
    pub results: Vec<BulkInteractionOutcome>,
}

/// What became of one row: `interaction` when it was logged, `problem` when it was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkInteractionOutcome {
    /// Position in the request, from 0.
    pub row: usize,
    /// The status this row alone would have been answered with; 424 when only another row spoiled it.
    #[schema(example = 201)]
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<Interaction>,
    #[schema(schema_with = problem)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<serde_json::Value>,
}

/// The problem document is the `problem` crate's, which contracts do not depend on.
fn problem() -> RefOr<Schema> {
    Ref::from_schema_name("Problem").into()
}
