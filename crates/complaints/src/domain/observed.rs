//! What other services told of a customer, as far as detectors need it, and how they look at it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use interactions_contract::v1::{InteractionFact, MannerFact, MeetingFact};
use interactions_contract::{Manner, MeetingState};
use registry_contract::v1::{HoldingFact, PositionFact};
use registry_contract::{ContactId, CustomerId, DecisionRole, PositionId, Tier};
use sales_contract::v1::{InvoiceFact, OrderFact};
use serde::{Deserialize, Serialize};
use surveys_contract::v1::InvitationFact;
use uuid::Uuid;
use wire::{Currency, Money};

use super::detectors::{Fact, KeySeat, Observed, What};

/// A fact as it was last told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its id in the service that told of it.
    pub id: Uuid,
    pub customer: CustomerId,
    /// A greater one replaces a lesser one.
    pub sequence: i64,
    pub snapshot: Snapshot,
}

/// What is kept of it: no names, and none of the words that people wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Snapshot {
    Invoice { due_on: NaiveDate, paid_on: Option<NaiveDate>, cancelled: bool },
    Order { ordered_on: NaiveDate, amount: Money, cancelled: bool },
    Meeting { planned_at: DateTime<Utc>, state: MeetingState, invited: i32, attended: i32 },
    Interaction { occurred_at: DateTime<Utc>, contacts: Vec<ContactId> },
    Manner { occurred_at: DateTime<Utc>, contact: Option<ContactId>, manner: Option<Manner> },
    Invitation { sent_at: DateTime<Utc>, contact: Option<ContactId>, answered_at: Option<DateTime<Utc>>, void: bool },
    Seat { decision_role: Option<DecisionRole>, closed_on: Option<NaiveDate> },
    Holding { contact: ContactId, seat: PositionId, from: NaiveDate, until: Option<NaiveDate> },
}

impl Snapshot {
    /// An id is one thing's among those of its kind only.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Invoice { .. } => "invoice",
            Self::Order { .. } => "order",
            Self::Meeting { .. } => "meeting",
            Self::Interaction { .. } => "interaction",
            Self::Manner { .. } => "manner",
            Self::Invitation { .. } => "invitation",
            Self::Seat { .. } => "seat",
            Self::Holding { .. } => "holding",
        }
    }

    /// Until when it says anything; nothing where it lasts.
    #[must_use]
    pub fn lasts_until(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Invoice { due_on, cancelled: true, .. } => Some(end_of(*due_on)),
            Self::Invoice { due_on, paid_on, cancelled: false } => paid_on.map(|paid_on| end_of(paid_on.max(*due_on))),
            Self::Order { ordered_on, .. } => Some(start_of(*ordered_on)),
            Self::Meeting { planned_at, .. } => Some(*planned_at),
            Self::Interaction { occurred_at, .. } | Self::Manner { occurred_at, .. } => Some(*occurred_at),
            Self::Invitation { sent_at, .. } => Some(*sent_at),
            Self::Seat { .. } => None,
            Self::Holding { until, .. } => until.map(start_of),
        }
    }
}

/// Days are those of UTC.
fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn end_of(day: NaiveDate) -> DateTime<Utc> {
    start_of(day.succ_opt().unwrap_or(day))
}

macro_rules! told {
    ($($fact:ident($id:ident) as |$told:ident| $snapshot:expr;)+) => {
        $(
            impl From<$fact> for Told {
                fn from($told: $fact) -> Self {
                    let (id, customer, sequence) = ($told.$id.into(), $told.customer_id, $told.sequence);
                    Self { id, customer, sequence, snapshot: $snapshot }
                }
            }
        )+
    };
}

told! {
    InvoiceFact(invoice_id) as |told| Snapshot::Invoice {
        due_on: told.due_on,
        paid_on: told.paid_on,
        cancelled: told.cancelled,
    };
    OrderFact(order_id) as |told| Snapshot::Order {
        ordered_on: told.ordered_on,
        amount: told.amount,
        cancelled: told.cancelled,
    };
    MeetingFact(meeting_id) as |told| Snapshot::Meeting {
        planned_at: told.planned_at,
        state: told.state,
        invited: told.invited,
        attended: told.attended,
    };
    InteractionFact(interaction_id) as |told| Snapshot::Interaction {
        occurred_at: told.occurred_at,
        contacts: told.contact_ids,
    };
    MannerFact(interaction_id) as |told| Snapshot::Manner {
        occurred_at: told.occurred_at,
        contact: told.contact_id,
        manner: told.manner,
    };
    InvitationFact(invitation_id) as |told| Snapshot::Invitation {
        sent_at: told.sent_at,
        contact: told.contact_id,
        answered_at: told.answered_at,
        void: told.void,
    };
    PositionFact(position_id) as |told| Snapshot::Seat {
        decision_role: told.decision_role,
        closed_on: told.closed_on,
    };
    HoldingFact(holding_id) as |told| Snapshot::Holding {
        contact: told.contact_id,
        seat: told.position_id,
        from: told.from,
        until: told.until,
    };
}

/// What detectors look at, of a customer of this tier of whom this was told.
#[must_use]
pub fn observe(tier: Option<Tier>, told: &[(Uuid, Snapshot)]) -> Observed {
    let currency = currency(told);
    let facts = told.iter().flat_map(|(id, snapshot)| facts(*id, snapshot, currency)).collect();
    Observed { tier, facts, seats: key_seats(told) }
}

/// Sums of several currencies mean nothing, so the orders in the currency of the latest one count.
fn currency(told: &[(Uuid, Snapshot)]) -> Option<Currency> {
    let orders = told.iter().filter_map(|(id, snapshot)| match snapshot {
        Snapshot::Order { ordered_on, amount, cancelled: false } => Some((*ordered_on, *id, amount.currency)),
        _ => None,
    });
    orders.max().map(|(_, _, currency)| currency)
}

fn facts(reference: Uuid, snapshot: &Snapshot, currency: Option<Currency>) -> Vec<Fact> {
    let one = |at, contact, what| vec![Fact { reference, at, contact, what }];
    match snapshot {
        Snapshot::Invoice { due_on, paid_on, cancelled: false } => {
            one(end_of(*due_on), None, What::Invoice { paid_at: paid_on.map(end_of) })
        }
        Snapshot::Order { ordered_on, amount, cancelled: false } if Some(amount.currency) == currency => {
            one(start_of(*ordered_on), None, What::Order { value: amount.minor })
        }
        Snapshot::Meeting { planned_at, state, invited, attended } => {
            let held = match state {
                MeetingState::Held => true,
                MeetingState::Cancelled | MeetingState::Declined => false,
                MeetingState::Planned | MeetingState::CancelledByUs => return vec![],
            };
            one(*planned_at, None, What::Meeting { held, invited: *invited, attended: *attended })
        }
        Snapshot::Interaction { occurred_at, contacts } => {
            contacts.iter().flat_map(|contact| one(*occurred_at, Some(*contact), What::Encounter)).collect()
        }
        Snapshot::Manner { occurred_at, contact, manner: Some(manner) } => {
            one(*occurred_at, *contact, What::Manner { rude: *manner == Manner::Rude })
        }
        Snapshot::Invitation { sent_at, contact, answered_at, void: false } => {
            one(*sent_at, *contact, What::Survey { answered_at: *answered_at })
        }
        Snapshot::Invoice { .. }
        | Snapshot::Order { .. }
        | Snapshot::Manner { .. }
        | Snapshot::Invitation { .. }
        | Snapshot::Seat { .. }
        | Snapshot::Holding { .. } => vec![],
    }
}

/// Who holds a seat that decides.
fn key_seats(told: &[(Uuid, Snapshot)]) -> Vec<KeySeat> {
    let deciding = told.iter().filter_map(|(id, snapshot)| match snapshot {
        Snapshot::Seat { decision_role, closed_on } if decides(*decision_role) => {
            Some((PositionId::from(*id), *closed_on))
        }
        _ => None,
    });
    let deciding: HashMap<PositionId, Option<NaiveDate>> = deciding.collect();
    let seats = told.iter().filter_map(|(id, snapshot)| {
        let Snapshot::Holding { contact, seat, from, until } = snapshot else { return None };
        let closed_on = deciding.get(seat)?;
        let until = [*until, *closed_on].into_iter().flatten().min();
        Some(KeySeat { holding: *id, contact: *contact, from: start_of(*from), until: until.map(start_of) })
    });
    seats.collect()
}

fn decides(role: Option<DecisionRole>) -> bool {
    match role {
        Some(DecisionRole::Decider | DecisionRole::Approver | DecisionRole::Evaluator | DecisionRole::Buyer) => true,
        Some(DecisionRole::User | DecisionRole::Influencer | DecisionRole::Gatekeeper) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn told(snapshots: Vec<Snapshot>) -> Vec<(Uuid, Snapshot)> {
        snapshots.into_iter().zip(1..).map(|(snapshot, number)| (Uuid::from_u128(number), snapshot)).collect()
    }

    #[test]
    fn whoever_decides_is_a_key_person_until_he_or_the_seat_goes() {
        let seat =
            |decision_role, closed_on: Option<&str>| Snapshot::Seat { decision_role, closed_on: closed_on.map(day) };
        let contact = ContactId::from(Uuid::from_u128(99));
        let holding = |seat: u128, until: Option<&str>| Snapshot::Holding {
            contact,
            seat: Uuid::from_u128(seat).into(),
            from: day("2025-01-01"),
            until: until.map(day),
        };
        let told = told(vec![
            seat(Some(DecisionRole::Decider), None),
            seat(Some(DecisionRole::User), None),
            seat(None, None),
            seat(Some(DecisionRole::Buyer), Some("2026-02-01")),
            holding(1, None),
            holding(1, Some("2026-03-01")),
            holding(2, None),
            holding(3, None),
            holding(4, Some("2026-03-01")),
            // A seat that nobody has told of yet.
            holding(77, None),
        ]);
        let mut seats = observe(None, &told).seats;
        seats.sort_by_key(|seat| seat.holding);
        let until: Vec<_> = seats.iter().map(|seat| seat.until.map(|until| until.date_naive())).collect();
        assert_eq!(until, [None, Some(day("2026-03-01")), Some(day("2026-02-01"))]);
    }

    #[test]
    fn what_is_void_or_in_another_currency_or_ours_to_answer_for_is_no_fact() {
        let order = |on: &str, currency, cancelled| Snapshot::Order {
            ordered_on: day(on),
            amount: Money { minor: 100, currency },
            cancelled,
        };
        let meeting =
            |state| Snapshot::Meeting { planned_at: start_of(day("2026-01-01")), state, invited: 1, attended: 0 };
        let told = told(vec![
            order("2026-01-01", Currency::USD, false),
            order("2026-02-01", Currency::CNY, false),
            order("2026-01-15", Currency::CNY, true),
            order("2026-03-01", Currency::EUR, true),
            Snapshot::Invoice { due_on: day("2026-01-01"), paid_on: None, cancelled: true },
            meeting(MeetingState::Planned),
            meeting(MeetingState::CancelledByUs),
            meeting(MeetingState::Declined),
            Snapshot::Manner { occurred_at: start_of(day("2026-01-01")), contact: None, manner: None },
            Snapshot::Invitation { sent_at: start_of(day("2026-01-01")), contact: None, answered_at: None, void: true },
        ]);
        let facts = observe(None, &told).facts;
        let numbers: Vec<_> = facts.iter().map(|fact| fact.reference.as_u128()).collect();
        assert_eq!(numbers, [2, 8]);
    }

    #[test]
    fn what_is_kept_is_found_by_its_kind() {
        let snapshot = Snapshot::Seat { decision_role: None, closed_on: None };
        let json = serde_json::to_value(&snapshot).expect("JSON");
        assert_eq!(json["kind"], snapshot.kind());
    }
}
