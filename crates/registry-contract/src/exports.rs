use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{ExportCharset, ExportFormat};

/// How to write an exported file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportCustomers {
    #[serde(default)]
    #[param(inline, required = false)]
    pub format: ExportFormat,
    /// Of a CSV file.
    #[serde(default)]
    #[param(inline, required = false)]
    pub charset: ExportCharset,
    /// Columns by name, comma-separated and in this order; all of them without it. The names are the fields that an import
    /// reads, and `id`, `version`, `created_at`, `updated_at`; `external_id.sap` is the key in the system `sap`.
    #[param(max_length = 2000, example = "code,name,tier,external_id.sap")]
    pub columns: Option<String>,
}
