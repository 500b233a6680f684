//! The closed vocabularies of the registry. Each is written in one way everywhere: JSON, query string, database, CSV.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A word that none of the allowed ones equals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is none of {}", .allowed.join(", "))]
pub struct UnknownChoice {
    given: String,
    allowed: &'static [&'static str],
}

macro_rules! choices {
    ($($(#[doc = $about:literal])* $name:ident {
        $($(#[doc = $note:literal])* $variant:ident = $word:literal),+ $(,)?
    })+) => { $(
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $note])* #[serde(rename = $word)] $variant),+
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                schema(concat!($($about),*), &[$(($word, concat!($($note),*))),+])
            }
        }

        impl ToSchema for $name {}

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownChoice;

            fn from_str(word: &str) -> Result<Self, UnknownChoice> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err(UnknownChoice { given: other.to_owned(), allowed: Self::WORDS }),
                }
            }
        }
    )+ };
}

/// By hand: utoipa's derive does not see through a macro what a variant is renamed to.
fn schema(about: &str, words: &[(&str, &str)]) -> RefOr<Schema> {
    let mut description = about.trim().to_owned();
    for (word, note) in words.iter().filter(|(_, note)| !note.is_empty()) {
        description.push_str(&format!("\n- `{word}`: {}", note.trim()));
    }
    let words = words.iter().map(|(word, _)| *word);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(words))
        .build()
        .into()
}

choices! {
    /// What the customer is to us.
    CustomerKind {
        /// A person who buys for himself (消费者).
        Consumer = "consumer",
        /// A one-off buyer (顾客).
        Buyer = "buyer",
        /// An organisation that buys for itself (企业客户).
        Enterprise = "enterprise",
        /// An organisation between us and the user (中间客户).
        Intermediary = "intermediary",
        /// An agent, distributor or outlet (代理商/经销商/终端).
        ChannelPartner = "channel_partner",
    }

    /// How much the customer matters to us; decides service levels, cadence and approvals (客户分级).
    Tier {
        /// Strategic (战略).
        S = "S",
        /// Partner (伙伴).
        A = "A",
        /// Value or priority (价值/优先).
        B = "B",
        /// General (一般).
        C = "C",
    }

    /// Stage of loyalty (忠诚度阶段).
    Lifecycle {
        Suspect = "suspect",
        Prospect = "prospect",
        FirstPurchase = "first_purchase",
        Repeat = "repeat",
        Advocate = "advocate",
        Lapsed = "lapsed",
        Regained = "regained",
    }

    /// How a contact prefers to be reached.
    ContactChannel {
        Phone = "phone",
        Email = "email",
        Im = "im",
        Sms = "sms",
        Visit = "visit",
        Video = "video",
        Portal = "portal",
    }

    /// The part a seat plays in its organisation's decisions (决策链).
    DecisionRole {
        /// 决策者
        Decider = "decider",
        /// 审批者
        Approver = "approver",
        /// 评估者/技术选型
        Evaluator = "evaluator",
        /// 采购
        Buyer = "buyer",
        /// 使用者
        User = "user",
        /// 影响者
        Influencer = "influencer",
        Gatekeeper = "gatekeeper",
    }

    /// Whether one bad row of a bulk request spoils the others.
    BulkMode {
        /// All rows or none.
        Atomic = "atomic",
        /// Every good row, whatever the others are.
        PerRow = "per_row",
    }

    /// What the rows of an imported file are.
    ImportKind {
        Customers = "customers",
    }

    /// How far an import came.
    ImportState {
        /// The file is stored and waits for its turn.
        Received = "received",
        /// It is read to its end once, before its first row is taken.
        Checking = "checking",
        Running = "running",
        Completed = "completed",
        /// The product failed, not the file; what was taken stays.
        Failed = "failed",
        /// Stopped by a person; what was taken stays.
        Cancelled = "cancelled",
        /// What was taken is being taken back.
        Reverting = "reverting",
        Reverted = "reverted",
        /// The file cannot be read to its end; nothing of it is taken.
        Broken = "broken",
    }

    /// By what a row of a file is known to be a customer that exists.
    ImportMatch {
        /// The first column of external ids.
        ExternalId = "external_id",
        /// The customer's code; a row without one is a new customer.
        Code = "code",
    }

    /// What an exported file is.
    ExportFormat {
        Csv = "csv",
        Xlsx = "xlsx",
    }

    /// In which charset a CSV file is written.
    ExportCharset {
        /// With the mark by which Excel knows it.
        Utf8 = "utf-8",
        /// Characters that it lacks become question marks.
        Gbk = "gbk",
        Gb18030 = "gb18030",
    }

    /// What parts the cells of a CSV file.
    Delimiter {
        Comma = "comma",
        Semicolon = "semicolon",
        Tab = "tab",
    }

    /// What became of one row of an imported file.
    RowOutcome {
        Created = "created",
        Updated = "updated",
        Unchanged = "unchanged",
        Failed = "failed",
        /// Taken back with the import.
        Reverted = "reverted",
        /// Was to be taken back, but others have changed or use the customer.
        Kept = "kept",
    }
}

// `#[default]` inside the macro would force a default on vocabularies that have none.
#[allow(clippy::derivable_impls)]
mod defaults {
    use super::{BulkMode, CustomerKind, ExportCharset, ExportFormat, ImportKind, ImportMatch, Lifecycle, Tier};

    impl Default for CustomerKind {
        fn default() -> Self {
            Self::Enterprise
        }
    }

    impl Default for Tier {
        fn default() -> Self {
            Self::C
        }
    }

    impl Default for Lifecycle {
        fn default() -> Self {
            Self::Prospect
        }
    }

    impl Default for BulkMode {
        fn default() -> Self {
            Self::Atomic
        }
    }

    impl Default for ExportFormat {
        fn default() -> Self {
            Self::Csv
        }
    }

    impl Default for ExportCharset {
        fn default() -> Self {
            Self::Utf8
        }
    }

    impl Default for ImportMatch {
        fn default() -> Self {
            Self::ExternalId
        }
    }

    impl Default for ImportKind {
        fn default() -> Self {
            Self::Customers
        }
    }
}

impl ImportState {
    /// Whether nothing more happens unless somebody asks for it.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Received | Self::Checking | Self::Running | Self::Reverting => false,
            Self::Completed | Self::Failed | Self::Cancelled | Self::Reverted | Self::Broken => true,
        }
    }
}
