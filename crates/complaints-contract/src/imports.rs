use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::entity;

use crate::{ComplaintId, ComplaintImportId, Count, ImportOutcome, ImportState};

/// An import of complaints from a CSV file, and what became of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintImport {
    pub id: ComplaintImportId,
    pub state: ImportState,
    /// Why it was interrupted.
    pub reason: Option<String>,
    /// How each column of the file was read.
    pub columns: Vec<ImportColumn>,
    pub rows: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub refused: i64,
    /// Rows kept (created, updated or unchanged), by channel.
    pub by_channel: Vec<Count>,
    /// Who imported it.
    pub by: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub version: i64,
}

entity!(ComplaintImport at "/api/v1/complaints/imports");

/// One column of an imported file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ComplaintImportColumn)]
pub struct ImportColumn {
    /// Its heading.
    #[schema(example = "Date received")]
    pub column: String,
    /// The field it fills; null when it is left out.
    #[schema(example = "received_at")]
    pub field: Option<String>,
}

/// One row of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ComplaintImportRow)]
pub struct ImportRow {
    pub id: Uuid,
    /// Number of the row in the file, the header being 1.
    pub row: i64,
    pub outcome: ImportOutcome,
    /// Null when refused.
    pub complaint_id: Option<ComplaintId>,
    pub errors: Vec<RowFault>,
}

/// What is wrong in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ComplaintRowFault)]
pub struct RowFault {
    /// JSON pointer to the field that the cell fills.
    #[schema(example = "/received_at")]
    pub pointer: String,
    #[schema(example = "in-future")]
    pub code: String,
    pub message: String,
}
