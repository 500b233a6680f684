//! What is known of a person: who reads it, all of it at once, and its end.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::words;

use crate::{ConsentEntry, Contact, ContactId, ContactReadId, CustomerId, Holding, StanceReading};

words! {
    /// In which way somebody read what is known of a contact.
    ContactReadKind {
        /// The contact itself.
        Contact = "contact",
        /// A page of a list, or hits of a search.
        List = "list",
        /// A file made of a list.
        Export = "export",
        /// A vCard, or a file of them.
        Vcard = "vcard",
        /// A decision chain, or stances.
        DecisionChain = "decision_chain",
        /// What the contact said about being approached.
        Consents = "consents",
        /// All that is known, for the person.
        PersonalData = "personal_data",
    }
}

/// How often somebody read what is known of a contact on a day, in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactRead {
    pub id: ContactReadId,
    pub contact_id: ContactId,
    /// Who read: `user:<id>` or `key:<id>`.
    pub actor: String,
    pub kind: ContactReadKind,
    /// In UTC.
    pub day: NaiveDate,
    pub times: i64,
    pub last_at: DateTime<Utc>,
}

/// That what is known of a contact must be kept, since the law or a dispute asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LegalHold {
    pub contact_id: ContactId,
    pub reason: String,
    /// First day on which it holds no longer; null while that is open.
    pub until: Option<NaiveDate>,
    /// `user:<id>` or `key:<id>`.
    pub placed_by: String,
    pub placed_at: DateTime<Utc>,
}

/// A legal hold to place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLegalHold {
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// First day on which it holds no longer, after today; it holds until it is lifted when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// Why to erase a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContactErasure {
    /// Kept as the proof of the erasure: it must not name the person.
    #[schema(min_length = 1, max_length = 500, example = "Asked for by letter of 2026-03-01, case 4711")]
    pub reason: String,
}

/// That a contact was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactErasure {
    pub reason: String,
    /// `user:<id>` or `key:<id>`.
    pub erased_by: String,
    pub erased_at: DateTime<Utc>,
}

/// All that the registry holds on a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PersonalData {
    pub contact: Contact,
    /// Customers at which anything of this is kept.
    pub customers: Vec<PersonalDataCustomer>,
    pub legal_hold: Option<LegalHold>,
    pub erasure: Option<ContactErasure>,
    pub holdings: Vec<HeldPosition>,
    /// With their proof, in the order in which it was said.
    pub consents: Vec<ConsentEntry>,
    /// In the order in which they were recorded.
    pub stances: Vec<StanceReading>,
    /// Who read any of it, of the last two years, the latest first.
    pub reads: Vec<ContactRead>,
}

/// A customer at which a person is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonalDataCustomer {
    pub id: CustomerId,
    pub code: String,
    pub name: String,
}

/// A seat that a person holds, held or will hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HeldPosition {
    /// The position's.
    pub title: String,
    pub holding: Holding,
}
