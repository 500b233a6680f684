use chrono::{DateTime, Utc};
use registry_contract::{AnyOf, ContactId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Entity, words};

use crate::{Channel, ComplaintId, ComplaintMessageId, Happening};

words! {
    /// Where a message to a customer stands.
    #[schema(as = ComplaintMessageState)]
    MessageState {
        /// To be sent.
        Queued = "queued",
        /// Claimed by whoever sends it; queued again when nothing is heard of it in time, failed after eight claims.
        Sending = "sending",
        /// On its way, or where the customer finds it.
        Sent = "sent",
        /// The customer has it.
        Delivered = "delivered",
        /// It cannot be delivered this way.
        Failed = "failed",
    }
}

words! {
    /// What became of a message that was claimed.
    DeliveryOutcome {
        /// On its way.
        Sent = "sent",
        /// The customer has it.
        Delivered = "delivered",
        Failed = "failed",
    }
}

/// A message to whoever complained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintMessage {
    pub id: ComplaintMessageId,
    pub complaint_id: ComplaintId,
    /// What it tells of.
    pub step: Happening,
    /// The way it goes: the one that whoever complained prefers, else the one by which the complaint came. `portal` only
    /// where the complaint was made there, or no other way is known: then it stays queued.
    pub channel: Channel,
    /// Of the text (BCP 47).
    pub language: String,
    /// Empty where `body` is null.
    pub subject: String,
    /// Plain text. A link for rating is in what is claimed only; null for whoever does not handle complaints, where notes or
    /// the resolution are confidential, and for everybody once whoever complained was erased.
    pub body: Option<String>,
    /// The same as a part of an HTML page, everything escaped.
    pub html: Option<String>,
    pub state: MessageState,
    /// How often it was claimed.
    pub attempts: i32,
    /// Why the last attempt failed, in the words of whoever tried; null for whoever does not handle complaints, where the
    /// complainant is confidential.
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it came to its state.
    pub updated_at: DateTime<Utc>,
}

/// Which messages to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ComplaintMessageQuery {
    /// In any of these states, comma-separated.
    #[param(value_type = Option<Vec<MessageState>>, explode = false)]
    pub state: Option<AnyOf<MessageState>>,
    /// That go any of these ways.
    #[param(value_type = Option<Vec<Channel>>, explode = false)]
    pub channel: Option<AnyOf<Channel>>,
}

/// Takes messages out of the queue for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessageClaim {
    pub channel: Channel,
    /// How many at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<i64>,
    /// For how long nobody else gets them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 10, maximum = 3600, default = 300)]
    pub lease_seconds: Option<i64>,
}

/// Messages to send, longest waiting first. Say of each what became of it before the lease ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimedMessages {
    pub claimed_until: DateTime<Utc>,
    pub messages: Vec<ClaimedMessage>,
}

/// A message, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimedMessage {
    /// With a link for rating where its template has one; it works until the message is claimed again.
    pub message: ComplaintMessage,
    /// The complaint's tracking number.
    pub number: String,
    /// E-mail address or phone number, as the way of the message asks for; null where none was given.
    pub address: Option<String>,
    pub name: Option<String>,
    /// The Message-ID of the mail that opened the complaint, where one did: mail is an answer to it. Give mail the
    /// Message-ID `guanxi.{number}.{id}@` your domain, so that one that comes back is known.
    pub in_reply_to: Option<String>,
    /// The registry may know more of how to reach this one.
    pub contact_id: Option<ContactId>,
    /// How another system knows the complaint, for a message that goes through its desk.
    pub external_id: Option<wire::ExternalId>,
}

/// Says what became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDelivery {
    pub outcome: DeliveryOutcome,
    /// Why it failed. The first 500 characters are kept, without control characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Whether to try a failed one again, later and later, eight times in all. A lasting fault, such as an address that does
    /// not exist, is none to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    pub retry: Option<bool>,
    /// The `attempts` of the message as it was claimed. What failed at an earlier attempt than the latest changes nothing:
    /// somebody else is at it. Without it, a failure counts for the latest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub attempts: Option<i32>,
}

/// What whoever complained is told at a step, in one language.
///
/// Variables: `{number}`, `{subject}`, `{note}` (what the handler adds), `{resolution}` and, when it is closed,
/// `{rating_link}`. A line whose variables are all empty is left out. What they stand for is text: it is never read as a
/// template or as HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageTemplate {
    pub step: Happening,
    /// BCP 47.
    #[schema(example = "zh-CN")]
    pub language: String,
    pub subject: String,
    pub body: String,
    /// Whether anything is told at this step. What a handler notes for the customer is told all the same.
    pub enabled: bool,
    /// 0 of those that are shipped.
    pub version: i64,
    /// Null of those that are shipped.
    pub updated_at: Option<DateTime<Utc>>,
    pub updated_by: Option<String>,
}

impl Entity for MessageTemplate {
    const PATH: &'static str = "/api/v1/message-templates";

    /// It has a step and a language instead.
    fn id(&self) -> Uuid {
        Uuid::nil()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// A template to use from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessageTemplate {
    #[schema(min_length = 1, max_length = 200, example = "[{number}] 您的投诉已关闭")]
    pub subject: String,
    #[schema(min_length = 1, max_length = 10000)]
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = true)]
    pub enabled: Option<bool>,
}

/// All templates, by step and language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageTemplates {
    pub templates: Vec<MessageTemplate>,
}
