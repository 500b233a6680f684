use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{ExportCharset, ExportFormat};

/// How to write an exported file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    #[serde(default)]
    #[param(inline, required = false)]
    pub format: ExportFormat,
    /// Of a CSV file.
    #[serde(default)]
    #[param(inline, required = false)]
    pub charset: ExportCharset,
    /// Columns by name, comma-separated and in this order; all of them without it.
    #[param(max_length = 2000, example = "name,language,updated_at")]
    pub columns: Option<String>,
}
