use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::entity;

use crate::{ColumnMapping, Delimiter, ImportMatch, ImportProfileId};

/// How to read files of one kind, kept under a name for the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportProfile {
    pub id: ImportProfileId,
    pub name: String,
    #[serde(flatten)]
    pub reading: FileReading,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(ImportProfile at "/api/v1/import-profiles");

/// What a profile says of its files. What the request of an import says goes before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FileReading {
    /// Columns by their headers, and the fields they fill; a column without fields is left aside, and one that is not named
    /// is read by its header.
    pub columns: Vec<ColumnMapping>,
    /// Fields of the customers that rows create, where their own cells are empty.
    pub defaults: BTreeMap<String, String>,
    /// The system that the column read as `external_id` holds keys of.
    pub system: Option<String>,
    #[serde(rename = "match")]
    pub match_by: Option<ImportMatch>,
    pub charset: Option<String>,
    pub delimiter: Option<Delimiter>,
}

/// A profile to create, or what one becomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImportProfile {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// As of the profile it makes.
    #[schema(max_items = 500)]
    #[serde(default)]
    pub columns: Vec<ColumnMapping>,
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    #[schema(min_length = 1, max_length = 50)]
    #[serde(default)]
    pub system: Option<String>,
    #[serde(default, rename = "match")]
    pub match_by: Option<ImportMatch>,
    #[schema(min_length = 1, max_length = 40)]
    #[serde(default)]
    pub charset: Option<String>,
    #[serde(default)]
    pub delimiter: Option<Delimiter>,
}

impl NewImportProfile {
    #[must_use]
    pub fn into_parts(self) -> (String, FileReading) {
        let Self { name, columns, defaults, system, match_by, charset, delimiter } = self;
        (name, FileReading { columns, defaults, system, match_by, charset, delimiter })
    }
}
