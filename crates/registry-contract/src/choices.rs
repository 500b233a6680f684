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

mod knowledge;

pub use knowledge::*;

choices! {
    /// What became of a pair that may be one customer.
    DuplicateState {
        /// Nobody has looked at it yet.
        Open = "open",
        /// A person found that they are two.
        Dismissed = "dismissed",
    }

    /// Why two customers may be one, or may not.
    DuplicateReason {
        /// They have one tax id or other official number.
        SameNumber = "same_number",
        /// Their names are the same without legal form, and their regions do not differ.
        SameName = "same_name",
        /// Their names are the same without legal form, their regions differ.
        SameNameElsewhere = "same_name_elsewhere",
        /// Their names sound the same.
        SamePinyin = "same_pinyin",
        SamePhone = "same_phone",
        SameWebsite = "same_website",
        /// Contacts have addresses of one organisation.
        SameEmailDomain = "same_email_domain",
        /// Each has an official number of its own: then they are not proposed, whatever else they share.
        OtherNumber = "other_number",
    }
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

    /// What a further address of a contact is.
    ContactPointKind {
        Phone = "phone",
        Email = "email",
    }

    /// Where a further address of a contact reaches it.
    ContactPointLabel {
        Work = "work",
        Home = "home",
        Mobile = "mobile",
        Fax = "fax",
        Other = "other",
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

    /// What a holder of a seat thinks of us (立场).
    Stance {
        Champion = "champion",
        Supporter = "supporter",
        Neutral = "neutral",
        Sceptic = "sceptic",
        Opponent = "opponent",
    }

    /// What a line between two seats means.
    ChainEdgeKind {
        ReportsTo = "reports_to",
        Influence = "influence",
    }

    /// What is wrong or missing in a decision chain.
    FindingCode {
        /// The vote weights add up to less than 100.
        WeightsMissing = "weights_missing",
        /// The vote weights add up to more than 100.
        WeightsOver = "weights_over",
        /// No seat decides.
        NoDecider = "no_decider",
        /// Nobody holds a key seat.
        KeySeatUnfilled = "key_seat_unfilled",
        /// Nobody of ours matches a key seat.
        KeySeatUnmatched = "key_seat_unmatched",
        /// Who of ours matched the seat has left us.
        MatchingEmployeeLeft = "matching_employee_left",
        /// Who is to match the seat is none of ours that we know.
        MatchingEmployeeUnknown = "matching_employee_unknown",
        /// Who of ours matches the seat ranks more than one below its level.
        MatchingRankBelow = "matching_rank_below",
        /// Who held the seat has left it, and nobody followed.
        HolderLeft = "holder_left",
        /// The stance was read more than 90 days before.
        StanceStale = "stance_stale",
    }

    /// What a contact may be approached for.
    ConsentPurpose {
        /// Offers, campaigns, greetings.
        Marketing = "marketing",
        /// News on the contact's topics (主动信息).
        ProactiveInformation = "proactive_information",
        /// Questions on satisfaction.
        Survey = "survey",
        /// Invitations to visits, exchanges and summits.
        Event = "event",
        /// Stances, interests and scores kept of the person.
        Profiling = "profiling",
        /// All of them.
        Any = "any",
    }

    /// How a contact may be approached.
    ConsentChannel {
        Phone = "phone",
        Email = "email",
        Im = "im",
        Sms = "sms",
        Visit = "visit",
        Video = "video",
        Portal = "portal",
        /// All of them.
        Any = "any",
    }

    /// What a contact said.
    ConsentDecision {
        Granted = "granted",
        /// Takes back what was granted.
        Withdrawn = "withdrawn",
        /// Refuses, whatever we base it on.
        Objected = "objected",
    }

    /// Why a contact may or may not be approached.
    ConsentReason {
        Granted = "granted",
        Withdrawn = "withdrawn",
        Objected = "objected",
        /// Nothing was said, which is no consent.
        NeverGiven = "never_given",
    }

    /// Version of a vCard that is written.
    VCardVersion {
        /// For old phones and Outlook; all of it ASCII, the rest as quoted-printable.
        V21 = "2.1",
        /// RFC 2426.
        V3 = "3.0",
        /// RFC 6350.
        V4 = "4.0",
    }

    /// What became of a vCard.
    CardOutcome {
        Created = "created",
        /// The customer has this contact already.
        Existing = "existing",
        Failed = "failed",
    }

    /// What of a vCard is not in the contact.
    CardWarningCode {
        /// Pictures, sounds and keys are not kept.
        PictureSkipped = "picture_skipped",
        /// A contact has no place for this.
        NotKept = "not_kept",
        /// This is no phone number, or no e-mail address.
        Unusable = "unusable",
        /// Only the beginning was kept.
        Shortened = "shortened",
        /// Only the first were kept.
        TooMany = "too_many",
        /// The file ends within the card.
        BrokenOff = "broken_off",
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
        /// A unified social credit code, LEI or D-U-N-S number; a row without one is a new customer.
        Identifier = "identifier",
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
        /// It changed the customer, or proposed another tier for it.
        Updated = "updated",
        /// The customer was so already, or others are at work on the tier that the row has.
        Unchanged = "unchanged",
        Failed = "failed",
        /// Taken back with the import.
        Reverted = "reverted",
        /// Was to be taken back, but others have changed or use the customer, or its former values are refused now; the row's
        /// errors say which.
        Kept = "kept",
    }
}

// `#[default]` inside the macro would force a default on vocabularies that have none.
#[allow(clippy::derivable_impls)]
mod defaults {
    use super::{
        BulkMode, CustomerKind, ExportCharset, ExportFormat, ImportKind, ImportMatch, Lifecycle, LinkKind, Tier,
        VCardVersion, VendorKind,
    };

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

    impl Default for VCardVersion {
        fn default() -> Self {
            Self::V4
        }
    }

    impl Default for BulkMode {
        fn default() -> Self {
            Self::Atomic
        }
    }

    impl Default for VendorKind {
        fn default() -> Self {
            Self::Competitor
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
