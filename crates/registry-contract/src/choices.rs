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

    /// What the values of a custom field are.
    CustomFieldType {
        Text = "text",
        Number = "number",
        /// `YYYY-MM-DD`.
        Date = "date",
        Boolean = "boolean",
        /// One of several values.
        Choice = "choice",
        /// Any of several values, as an array.
        MultiChoice = "multi_choice",
        Money = "money",
    }

    /// How a customer belongs to another.
    LinkKind {
        /// In a way that was not told.
        Member = "member",
        /// A company that the other controls (子公司).
        Subsidiary = "subsidiary",
        /// Registered, but no company of its own (分公司).
        Branch = "branch",
        /// A place of the other: plant, office, shop (站点).
        Site = "site",
        /// A company in which the other has a share without control (参股).
        Affiliate = "affiliate",
    }

    /// Which number or code identifies an organisation.
    IdentifierType {
        /// D-U-N-S: 9 digits, without a check digit.
        Duns = "duns",
        /// VAT number of an EU member state, with its country prefix (`EL` for Greece, `XI` for Northern Ireland).
        EuVat = "eu_vat",
        /// Legal Entity Identifier (ISO 17442): 20 characters with check digits.
        Lei = "lei",
        /// Any other, by the name of its `scheme`.
        Other = "other",
        /// Unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters with a check character.
        Uscc = "uscc",
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
        Running = "running",
        Completed = "completed",
        /// The file could not be read to its end; the rows before that are kept.
        Broken = "broken",
    }

    /// What became of one row of an imported file.
    RowOutcome {
        Created = "created",
        Updated = "updated",
        Unchanged = "unchanged",
        Failed = "failed",
    }
}

// `#[default]` inside the macro would force a default on vocabularies that have none.
#[allow(clippy::derivable_impls)]
mod defaults {
    use super::{BulkMode, CustomerKind, ImportKind, Lifecycle, LinkKind, Tier};

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

    impl Default for LinkKind {
        fn default() -> Self {
            Self::Member
        }
    }

    impl Default for BulkMode {
        fn default() -> Self {
            Self::Atomic
        }
    }

    impl Default for ImportKind {
        fn default() -> Self {
            Self::Customers
        }
    }
}
