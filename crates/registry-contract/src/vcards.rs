use serde::{Deserialize, Serialize};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::{CardOutcome, CardWarningCode, Contact, VCardVersion};

/// What became of a file of vCards.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VCardImport {
    pub cards: usize,
    pub created: usize,
    /// Cards of contacts that the customer has already; nothing of them was changed.
    pub existing: usize,
    pub failed: usize,
    /// One for each card, in the order of the file.
    pub results: Vec<VCardResult>,
}

/// What became of one card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VCardResult {
    /// Position in the file, from 0.
    pub card: usize,
    pub outcome: CardOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// What of the card is not in the contact.
    pub warnings: Vec<CardWarning>,
    #[schema(schema_with = problem)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<serde_json::Value>,
}

/// The problem document is the `problem` crate's, which contracts do not depend on.
fn problem() -> RefOr<Schema> {
    Ref::from_schema_name("Problem").into()
}

/// Something of a card that is not in the contact, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct CardWarning {
    pub code: CardWarningCode,
    /// Name of the property, such as `PHOTO`; none of the card as a whole.
    pub property: Option<String>,
}

/// How cards are written.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VCardQuery {
    /// 4.0 (RFC 6350) when left out.
    #[param(inline)]
    #[serde(default)]
    pub version: VCardVersion,
}
