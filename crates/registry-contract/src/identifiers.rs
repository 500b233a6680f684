use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::IdentifierType;

/// A number or code that identifies an organisation beyond our books.
///
/// A `uscc`, `lei` or `duns` belongs to one customer. An `eu_vat` may be shared (VAT groups file under one number), and of
/// an `other` only its scheme knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    pub r#type: IdentifierType,
    /// Which identifier it is; with the type `other`, and only with that.
    #[schema(min_length = 1, max_length = 50, pattern = "^[a-z0-9][a-z0-9_.-]*$", example = "us_ein")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Kept in its own standard's form: capitals, without spaces, dots and hyphens; an `other` as it came.
    #[schema(min_length = 1, max_length = 50, example = "91440300708461136T")]
    pub value: String,
}

impl IdentifierType {
    /// Whether two customers cannot both have the same.
    #[must_use]
    pub const fn has_one_holder(self) -> bool {
        match self {
            Self::Duns | Self::Lei | Self::Uscc => true,
            Self::EuVat | Self::Other => false,
        }
    }
}
