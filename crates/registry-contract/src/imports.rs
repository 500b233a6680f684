use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::entity;

use crate::{AnyOf, CustomerId, Delimiter, ImportId, ImportKind, ImportMatch, ImportRowId, ImportState, RowOutcome};

/// A file taken in: what its columns were read as, and what became of its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Import {
    pub id: ImportId,
    pub kind: ImportKind,
    /// Name of the file, as the caller gave it.
    pub name: String,
    pub state: ImportState,
    /// How each column of the file was read, in the file's order.
    pub columns: Vec<ColumnMapping>,
    /// Whether this only tells what would become of the rows.
    pub dry_run: bool,
    /// `csv` or `xlsx`.
    pub format: String,
    /// In which a CSV file was read, such as `gb18030`.
    pub charset: Option<String>,
    /// Rows of the file, once it has been read to its end.
    pub total_rows: Option<i64>,
    /// Rows dealt with so far.
    pub rows: i64,
    pub created: i64,
    /// Rows that changed a customer, or proposed another tier for it.
    pub updated: i64,
    pub unchanged: i64,
    pub failed: i64,
    /// Rows taken in, but not wholly: their parent is unknown.
    pub warnings: i64,
    /// Rows taken back.
    pub reverted: i64,
    /// Rows not taken back, since their customer was changed afterwards or is in use, or could not be what it was.
    pub kept: i64,
    /// What went wrong, when `state` is `broken` or `failed`.
    pub fault: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Import at "/api/v1/imports");

/// How a column of an imported file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnMapping {
    pub column: String,
    /// The customer's fields it fills; none when the column was left aside.
    pub fields: Vec<String>,
}

/// One row of an imported file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportRow {
    pub id: ImportRowId,
    /// Number of the row in the file, the header being 1.
    pub row: i64,
    pub outcome: RowOutcome,
    /// The customer it became or changed.
    pub customer_id: Option<CustomerId>,
    pub errors: Vec<CellFault>,
    /// The cells as they stood in the file, in the order of the import's `columns`; only of a row with errors.
    pub cells: Vec<String>,
}

/// What is wrong in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CellFault {
    /// JSON pointer to the field the cell fills.
    pub pointer: String,
    pub code: String,
    pub message: String,
}

/// How to read the file in the body.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StartImport {
    #[serde(default)]
    #[param(inline, required = false)]
    pub kind: ImportKind,
    /// Name of the file, for people to know it by.
    #[param(max_length = 200)]
    pub name: Option<String>,
    /// `column:field` pairs, comma-separated, over the reading by header names. A column may fill several fields
    /// (`Company:name,Company:external_id`); an empty field (`Notes:`) leaves the column aside.
    #[param(max_length = 2000, example = "Company:name,Company:external_id")]
    pub map: Option<String>,
    /// The system that the column read as `external_id` holds keys of. Rows whose key is known change that customer.
    #[param(max_length = 50)]
    pub system: Option<String>,
    /// Id or name of an import profile, which tells what the request does not.
    #[param(max_length = 100)]
    pub profile: Option<String>,
    /// By what a row is known to be a customer that exists already, and changes it; `external_id` unless told.
    #[serde(rename = "match")]
    #[param(inline)]
    pub match_by: Option<ImportMatch>,
    /// The charset of a CSV file, such as `gbk`; without one, the one of `Content-Type`, or what the bytes tell.
    #[param(max_length = 40)]
    pub charset: Option<String>,
    /// What parts the cells of a CSV file; without it, what the header tells.
    #[param(inline)]
    pub delimiter: Option<Delimiter>,
    /// Only tell what would become of each row.
    #[serde(default)]
    #[param(required = false, default = false)]
    pub dry_run: bool,
    /// Answer when the last row is dealt with (201), and not when the file has arrived (202).
    #[serde(default = "yes")]
    #[param(required = false, default = true)]
    pub wait: bool,
}

fn yes() -> bool {
    true
}

impl Default for StartImport {
    fn default() -> Self {
        Self {
            kind: ImportKind::default(),
            name: None,
            map: None,
            system: None,
            profile: None,
            match_by: None,
            charset: None,
            delimiter: None,
            dry_run: false,
            wait: true,
        }
    }
}

/// Which rows of an import to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportRowQuery {
    /// Any of these outcomes.
    #[param(value_type = Option<Vec<RowOutcome>>, explode = false)]
    pub outcome: Option<AnyOf<RowOutcome>>,
}
