//! Tickets of support desks as complaints: what their interfaces give, to be sent by
//! [`upsert_external_complaint`](crate::client::Client::upsert_external_complaint) whenever they change, in any order.

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use wire::ExternalId;

use crate::{Channel, Complainant, NewComplaint, Progress, State};

const LONGEST_SUBJECT: usize = 200;
const LONGEST_TEXT: usize = 20_000;

/// A ticket of Zendesk, as its tickets API gives it, or as `detail` of what its webhooks send (what is not needed here is left
/// unread).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ZendeskTicket {
    /// A number; of webhooks, as text.
    #[serde(deserialize_with = "number_or_text")]
    pub id: i64,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    pub status: String,
    #[serde(default)]
    pub priority: Option<String>,
    #[serde(default, deserialize_with = "some_number_or_text")]
    pub organization_id: Option<i64>,
    #[serde(default)]
    pub via: Option<ZendeskVia>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ZendeskVia {
    #[serde(default)]
    pub channel: String,
}

impl ZendeskTicket {
    #[must_use]
    pub fn key(&self) -> ExternalId {
        key("zendesk", self.id)
    }

    /// The complaint, whose customer is the ticket's organisation; nothing for a ticket that was deleted or has a status
    /// of its own making. A ticket on hold waits for somebody, but not for the customer.
    #[must_use]
    pub fn complaint(&self) -> Option<NewComplaint> {
        let state = match self.status.to_lowercase().as_str() {
            "new" => State::Received,
            "open" | "hold" => State::Investigating,
            "pending" => State::Waiting,
            "solved" => State::Resolved,
            "closed" => State::Closed,
            _ => return None,
        };
        let channel = match self.via.as_ref().map(|via| via.channel.as_str()) {
            Some("web" | "web_widget") => Channel::Web,
            Some("email") => Channel::Email,
            Some("voice") => Channel::Phone,
            Some("help_center") => Channel::Portal,
            _ => Channel::Desk,
        };
        let severity = self.priority.as_deref().and_then(|priority| match priority {
            "urgent" => Some(1),
            "high" => Some(2),
            "normal" => Some(3),
            "low" => Some(4),
            _ => None,
        });
        Some(NewComplaint {
            customer_external: self.organization_id.map(|id| key("zendesk", id)),
            description: text(self.description.as_deref(), LONGEST_TEXT),
            severity,
            external_id: Some(self.key()),
            received_at: Some(self.created_at),
            as_of: Some(self.updated_at),
            progress: Some(Progress::to(state)),
            ..NewComplaint::about(channel, subject(self.subject.as_deref(), self.description.as_deref()))
        })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(i64),
    Text(String),
}

fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    some_number_or_text(deserializer)?.ok_or_else(|| D::Error::custom("a number is missing"))
}

fn some_number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Option::deserialize(deserializer)? {
        None => Ok(None),
        Some(NumberOrText::Number(number)) => Ok(Some(number)),
        Some(NumberOrText::Text(text)) => text.parse().map(Some).map_err(D::Error::custom),
    }
}

/// A ticket of Freshdesk, as either version of its tickets API gives it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FreshdeskTicket {
    pub id: i64,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub description_text: Option<String>,
    /// HTML in version 2, which has `description_text` besides.
    #[serde(default)]
    pub description: Option<String>,
    pub status: i64,
    #[serde(default)]
    pub priority: Option<i64>,
    #[serde(default)]
    pub source: Option<i64>,
    #[serde(default)]
    pub company_id: Option<i64>,
    #[serde(default)]
    pub requester: Option<FreshdeskRequester>,
    #[serde(default)]
    pub requester_name: Option<String>,
    #[serde(default)]
    pub stats: FreshdeskStats,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[serde(default)]
    pub spam: bool,
    #[serde(default)]
    pub deleted: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct FreshdeskRequester {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub mobile: Option<String>,
}

/// Dates are told for the status that the ticket has; those of earlier rounds are left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct FreshdeskStats {
    #[serde(default)]
    pub first_responded_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub resolved_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub closed_at: Option<DateTime<Utc>>,
}

impl FreshdeskTicket {
    #[must_use]
    pub fn key(&self) -> ExternalId {
        key("freshdesk", self.id)
    }

    /// The complaint, whose customer is the ticket's company; nothing for spam, for what was deleted, and for a status of
    /// the desk's own making. A ticket that waits for a third party does not wait for the customer.
    #[must_use]
    pub fn complaint(&self) -> Option<NewComplaint> {
        if self.spam || self.deleted {
            return None;
        }
        let state = match self.status {
            2 => State::Received,
            3 | 6 => State::Waiting,
            4 => State::Resolved,
            5 => State::Closed,
            7 => State::Investigating,
            _ => return None,
        };
        let channel = match self.source {
            Some(1 | 10) => Channel::Email,
            Some(2) => Channel::Portal,
            Some(3) => Channel::Phone,
            Some(9) => Channel::Web,
            _ => Channel::Desk,
        };
        let said = self.description_text.as_deref().or(self.description.as_deref());
        Some(NewComplaint {
            customer_external: self.company_id.map(|id| key("freshdesk", id)),
            complainant: self.complainant(),
            description: text(said, LONGEST_TEXT),
            severity: self.priority.filter(|priority| (1..=4).contains(priority)).and_then(|priority| {
                // Theirs runs from 1, low, to 4, urgent.
                i16::try_from(5 - priority).ok()
            }),
            external_id: Some(self.key()),
            received_at: Some(self.created_at),
            as_of: Some(self.updated_at),
            progress: Some(self.progress(state)),
            ..NewComplaint::about(channel, subject(self.subject.as_deref(), said))
        })
    }

    fn progress(&self, state: State) -> Progress {
        let settled = matches!(state, State::Resolved | State::Closed);
        let in_order = |at: &Option<DateTime<Utc>>| at.filter(|at| settled && *at >= self.created_at);
        Progress {
            first_responded_at: in_order(&self.stats.first_responded_at),
            resolved_at: in_order(&self.stats.resolved_at),
            closed_at: in_order(&self.stats.closed_at).filter(|_| state == State::Closed),
            ..Progress::to(state)
        }
    }

    fn complainant(&self) -> Option<Complainant> {
        let requester = self.requester.clone().unwrap_or_default();
        let complainant = Complainant {
            name: text(requester.name.as_deref().or(self.requester_name.as_deref()), 200),
            email: text(requester.email.as_deref(), 254),
            phone: text(requester.phone.as_deref().or(requester.mobile.as_deref()), 40),
            preferred_channel: None,
        };
        (complainant != Complainant::default()).then_some(complainant)
    }
}

fn key(system: &str, id: i64) -> ExternalId {
    ExternalId { system: system.to_owned(), id: id.to_string() }
}

/// Without blanks around it; nothing where nothing is left.
fn text(given: Option<&str>, longest: usize) -> Option<String> {
    let text: String = given?.trim().chars().take(longest).collect();
    (!text.is_empty()).then_some(text)
}

fn subject(given: Option<&str>, said: Option<&str>) -> String {
    let first_line = said.and_then(|said| said.lines().find(|line| !line.trim().is_empty()));
    text(given, LONGEST_SUBJECT)
        .or_else(|| text(first_line, LONGEST_SUBJECT))
        .unwrap_or_else(|| "(no subject)".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_desks_call_a_status_is_a_state() {
        let zendesk = |status: &str| {
            let ticket: ZendeskTicket = serde_json::from_value(json!({
                "id": 1, "status": status, "created_at": "2026-03-04T01:00:00Z", "updated_at": "2026-03-04T02:00:00Z",
            }))
            .expect("a ticket");
            ticket.complaint().and_then(|complaint| complaint.progress).map(|progress| progress.state)
        };
        for (status, expected) in [
            ("new", Some(State::Received)),
            ("Open", Some(State::Investigating)),
            ("pending", Some(State::Waiting)),
            ("hold", Some(State::Investigating)),
            ("solved", Some(State::Resolved)),
            ("closed", Some(State::Closed)),
            ("deleted", None),
        ] {
            assert_eq!(zendesk(status), expected, "{status}");
        }
        let freshdesk = |status: i64| {
            let ticket: FreshdeskTicket = serde_json::from_value(json!({
                "id": 1, "status": status, "created_at": "2026-03-04T01:00:00Z", "updated_at": "2026-03-04T02:00:00Z",
            }))
            .expect("a ticket");
            ticket.complaint().and_then(|complaint| complaint.progress).map(|progress| progress.state)
        };
        use State::{Closed, Investigating, Received, Resolved, Waiting};
        let found: Vec<_> = (1..9).map(freshdesk).collect();
        let expected = [
            None,
            Some(Received),
            Some(Waiting),
            Some(Resolved),
            Some(Closed),
            Some(Waiting),
            Some(Investigating),
            None,
        ];
        assert_eq!(found, expected);
    }
}
