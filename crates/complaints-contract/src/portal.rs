use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Channel, ComplaintAttachment, ComplaintAttachmentId, Happening, State};

/// A complaint as anybody may send it, without a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPortalComplaint {
    /// What it is about, in one line.
    #[schema(min_length = 1, max_length = 200)]
    pub subject: String,
    /// What happened.
    #[schema(min_length = 1, max_length = 10000)]
    pub description: String,
    /// Product or service concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub product: Option<String>,
    /// What you ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub remedy_sought: Option<String>,
    /// Whether someone's safety is at stake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    pub safety: Option<bool>,
    /// Which of our people it is about, by whatever name you know. Such a complaint is read by few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub about_staff: Option<String>,
    /// Your language (BCP 47); `zh-CN` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", default = "zh-CN")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complainant: Option<Complainant>,
    /// Leave it empty: people do not see it, programs that fill in every field give themselves away by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub website: Option<String>,
}

/// Who complains, as told by themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Complainant {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 254, example = "wang@example.com")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 40)]
    pub phone: Option<String>,
    /// The way to be told: the one by which the complaint came when absent. `email` and `phone` need the address;
    /// `internal` is no way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_channel: Option<Channel>,
}

/// What to keep: with both, and only with both, the complaint can be followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortalReceipt {
    /// The tracking number.
    #[schema(example = "CP-2026-000123")]
    pub number: String,
    /// Shown this once; goes into the header `X-Complaint-Secret`.
    pub secret: String,
}

/// A complaint as whoever made it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortalComplaint {
    pub number: String,
    pub subject: String,
    pub state: State,
    pub received_at: DateTime<Utc>,
    /// How it was settled, if it is.
    pub resolution: Option<String>,
    /// What can be done now: `hear` (say more), `accept`, `escalate` or `reopen` (both by a dispute), `withdraw`.
    pub allowed: Vec<crate::Transition>,
    /// What both sides said, oldest first.
    pub entries: Vec<PortalEntry>,
    /// What we wrote to you, by whatever way, oldest first; no more than the latest 100.
    pub messages: Vec<PortalNotice>,
    /// The files that you sent, here or by mail, oldest first.
    pub attachments: Vec<PortalAttachment>,
}

/// A step, with the words that were meant for the customer or came from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortalEntry {
    pub at: DateTime<Utc>,
    pub what: Happening,
    pub to: State,
    /// What we told you.
    pub told: Option<String>,
    /// What you told us.
    pub said: Option<String>,
}

/// What we wrote at a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortalNotice {
    /// What it tells of.
    pub step: Happening,
    pub subject: String,
    /// Plain text. A link for rating is only in what was sent to you.
    pub body: String,
    pub created_at: DateTime<Utc>,
}

/// A file that whoever complained sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortalAttachment {
    pub id: ComplaintAttachmentId,
    /// As it was given, without what a file name must not have.
    pub name: String,
    /// As its content shows, whatever its name says.
    #[schema(example = "image/png")]
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    pub at: DateTime<Utc>,
}

impl From<ComplaintAttachment> for PortalAttachment {
    fn from(file: ComplaintAttachment) -> Self {
        Self { id: file.id, name: file.name, media_type: file.media_type, size: file.size, at: file.at }
    }
}

/// Says more about a complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPortalMessage {
    #[schema(min_length = 1, max_length = 10000)]
    pub message: String,
}

/// Takes our answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPortalAcceptance {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub message: Option<String>,
}

/// Does not take our answer, or our settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPortalDispute {
    /// Why not.
    #[schema(min_length = 1, max_length = 5000)]
    pub message: String,
}

/// Takes a complaint back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPortalWithdrawal {
    /// Why.
    #[schema(min_length = 1, max_length = 5000)]
    pub message: String,
}
