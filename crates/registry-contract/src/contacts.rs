use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::entity;

use crate::{AnyOf, ContactChannel, ContactId, ContactPointKind, ContactPointLabel, CustomerId};

/// A person at a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    pub id: ContactId,
    pub customer_id: CustomerId,
    pub name: String,
    pub title: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub mobile: Option<String>,
    /// Phones and e-mail addresses beside the main ones.
    pub contact_points: Vec<ContactPoint>,
    pub preferred_channel: Option<ContactChannel>,
    /// BCP 47.
    pub language: Option<String>,
    /// What the contact wants to hear of (主动信息), in small letters and in order.
    pub topics: Vec<String>,
    pub note: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// When all that was known of the person was erased: the name is empty then, and nothing can be changed any more.
    pub erased_at: Option<DateTime<Utc>>,
}

entity!(Contact at "/api/v1/contacts");

/// A further phone or e-mail address of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactPoint {
    pub kind: ContactPointKind,
    pub label: ContactPointLabel,
    /// An e-mail address, or a phone number as it is written.
    #[schema(min_length = 3, max_length = 254)]
    pub value: String,
}

/// A contact to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    pub customer_id: CustomerId,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[schema(
        min_length = 3,
        max_length = 254,
        pattern = r"^[^\s@]+@[^\s@]+\.[^\s@]+$",
        example = "li.wei@example.com"
    )]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Digits, spaces and `+ - ( ) . / , #`, at least three digits.
    #[schema(min_length = 3, max_length = 50, pattern = r"^[0-9 +()./,#-]{3,50}$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// As `phone`.
    #[schema(min_length = 3, max_length = 50, pattern = r"^[0-9 +()./,#-]{3,50}$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// Phones and e-mail addresses beside the main ones.
    #[schema(max_items = 20)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contact_points: Vec<ContactPoint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_channel: Option<ContactChannel>,
    /// BCP 47.
    #[schema(min_length = 2, max_length = 35, pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What the contact wants to hear of; kept in small letters, each once.
    #[schema(max_items = 50, example = json!(["5g", "数据中心"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What would make this contact anew; where a change starts from.
impl From<&Contact> for NewContact {
    fn from(contact: &Contact) -> Self {
        let contact = contact.clone();
        Self {
            customer_id: contact.customer_id,
            name: contact.name,
            title: contact.title,
            email: contact.email,
            phone: contact.phone,
            mobile: contact.mobile,
            contact_points: contact.contact_points,
            preferred_channel: contact.preferred_channel,
            language: contact.language,
            topics: contact.topics,
            note: contact.note,
        }
    }
}

/// Changes to a contact (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactPatch {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub title: Option<Option<String>>,
    #[schema(value_type = Option<String>, min_length = 3, max_length = 254, pattern = r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub email: Option<Option<String>>,
    #[schema(value_type = Option<String>, min_length = 3, max_length = 50, pattern = r"^[0-9 +()./,#-]{3,50}$")]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Option<String>>,
    #[schema(value_type = Option<String>, min_length = 3, max_length = 50, pattern = r"^[0-9 +()./,#-]{3,50}$")]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub mobile: Option<Option<String>>,
    /// All of them anew.
    #[schema(max_items = 20, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_points: Option<Vec<ContactPoint>>,
    #[schema(value_type = Option<ContactChannel>)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub preferred_channel: Option<Option<ContactChannel>>,
    /// BCP 47.
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35, pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub language: Option<Option<String>>,
    /// All of them anew.
    #[schema(max_items = 50, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<String>>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub note: Option<Option<String>>,
}

impl ContactPatch {
    /// Writes what is present over `contact`.
    pub fn apply(self, contact: &mut NewContact) {
        macro_rules! over {
            ($($field:ident)*) => { $(if let Some(value) = self.$field { contact.$field = value; })* };
        }
        over!(name title email phone mobile contact_points preferred_channel language topics note);
    }
}

/// Which contacts to list, and how.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContactQuery {
    /// Words that the contact's name or phone begins with, or its pinyin or initials; as of customers.
    #[param(max_length = 200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Contacts of any of these customers.
    #[param(value_type = Option<Vec<CustomerId>>, explode = false)]
    pub customer_id: Option<AnyOf<CustomerId>>,
    /// Contacts who want to hear of any of these topics.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub topic: Option<AnyOf<String>>,
    /// Contacts who prefer to be reached by any of these.
    #[param(value_type = Option<Vec<ContactChannel>>, explode = false)]
    pub preferred_channel: Option<AnyOf<ContactChannel>>,
    /// Contacts who speak any of these languages (BCP 47, as they are written).
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub language: Option<AnyOf<String>>,
    /// Changed at this instant or later.
    pub updated_since: Option<DateTime<Utc>>,
}
