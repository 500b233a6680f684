use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{AnyOf, CustomerId, ExportCharset, ExportFormat};

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

/// Of which customers to export what is listed one customer at a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfCustomers {
    /// Of any of these customers; of all without it.
    #[param(value_type = Option<Vec<CustomerId>>, explode = false)]
    pub customer_id: Option<AnyOf<CustomerId>>,
}
