//! What other services told of a customer, as the detectors look at it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use interactions_contract::v1::{InteractionFact, MeetingFact};
use interactions_contract::{Manner, MeetingState};
use registry_contract::v1::{HoldingFact, PositionFact};
use registry_contract::{DecisionRole, PositionId, Tier};
use sales_contract::v1::{InvoiceFact, OrderFact};
use wire::Currency;

use super::{Fact, KeyPerson, Observed, What};

/// The newest snapshots about one customer.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub invoices: Vec<InvoiceFact>,
    pub orders: Vec<OrderFact>,
    pub meetings: Vec<MeetingFact>,
    pub interactions: Vec<InteractionFact>,
    pub positions: Vec<PositionFact>,
    pub holdings: Vec<HoldingFact>,
}

/// Days are taken to end at midnight UTC: an invoice is late once its day is over everywhere that matters little here.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN).and_utc()
}

impl Told {
    #[must_use]
    pub fn observed(&self, tier: Option<Tier>, today: NaiveDate) -> Observed {
        let mut facts = Vec::new();
        facts.extend(self.invoices.iter().filter(|invoice| !invoice.cancelled).map(|invoice| Fact {
            reference: invoice.invoice_id.into(),
            at: end_of(invoice.due_on),
            contact: None,
            what: What::Invoice { paid_at: invoice.paid_on.map(end_of) },
        }));
        facts.extend(self.orders());
        facts.extend(self.meetings.iter().filter_map(meeting));
        facts.extend(self.interactions.iter().flat_map(encounters));
        Observed { tier, facts, key_people: self.key_people(today) }
    }

    /// Sums of several currencies mean nothing, so the orders in the currency of the latest one count.
    fn orders(&self) -> impl Iterator<Item = Fact> {
        let currency: Option<Currency> = self
            .orders
            .iter()
            .max_by_key(|order| (order.ordered_on, order.order_id))
            .map(|order| order.amount.currency);
        self.orders.iter().filter(move |order| !order.cancelled && Some(order.amount.currency) == currency).map(
            |order| Fact {
                reference: order.order_id.into(),
                at: order.ordered_on.and_time(NaiveTime::MIN).and_utc(),
                contact: None,
                what: What::Order { value: order.amount.minor },
            },
        )
    }

    /// Who holds a seat that decides, today.
    fn key_people(&self, today: NaiveDate) -> Vec<KeyPerson> {
        let roles: HashMap<PositionId, Option<DecisionRole>> =
            self.positions.iter().map(|seat| (seat.position_id, seat.decision_role)).collect();
        let holds = |holding: &&HoldingFact| holding.from <= today && holding.until.is_none_or(|until| until > today);
        let decides = |holding: &&HoldingFact| match roles.get(&holding.position_id).copied().flatten() {
            Some(DecisionRole::Decider | DecisionRole::Approver | DecisionRole::Evaluator | DecisionRole::Buyer) => {
                true
            }
            Some(DecisionRole::User | DecisionRole::Influencer | DecisionRole::Gatekeeper) | None => false,
        };
        let mut people: Vec<KeyPerson> = self
            .holdings
            .iter()
            .filter(holds)
            .filter(decides)
            .map(|holding| KeyPerson {
                contact: holding.contact_id,
                since: holding.from.and_time(NaiveTime::MIN).and_utc(),
            })
            .collect();
        // Who holds two such seats is one person, who has been there since the earlier.
        people.sort_by_key(|person| (person.contact, person.since));
        people.dedup_by_key(|person| person.contact);
        people
    }
}

fn meeting(fact: &MeetingFact) -> Option<Fact> {
    let held = match fact.state {
        MeetingState::Held => true,
        MeetingState::Cancelled | MeetingState::Declined => false,
        MeetingState::Planned | MeetingState::CancelledByUs => return None,
    };
    Some(Fact {
        reference: fact.meeting_id.into(),
        at: fact.planned_at,
        contact: None,
        what: What::Meeting { held, invited: fact.invited, attended: fact.attended },
    })
}

fn encounters(fact: &InteractionFact) -> impl Iterator<Item = Fact> {
    let one = |contact, what| Fact { reference: fact.interaction_id.into(), at: fact.occurred_at, contact, what };
    let manner = fact.manner.map(|manner| one(None, What::Manner { rude: manner == Manner::Rude }));
    fact.contact_ids.iter().map(move |contact| one(Some(*contact), What::Encounter)).chain(manner)
}

#[cfg(test)]
mod tests {
    use registry_contract::{ContactId, CustomerId, HoldingId};
    use sales_contract::OrderId;
    use wire::Money;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn who_decides_today_is_a_key_person_since_the_first_seat() {
        let customer_id = CustomerId::new();
        let seat = |decision_role| PositionFact {
            position_id: PositionId::new(),
            customer_id,
            sequence: 1,
            decision_role,
            vote_weight: None,
        };
        let positions = vec![seat(Some(DecisionRole::Decider)), seat(Some(DecisionRole::User)), seat(None)];
        let holding = |contact_id, place: usize, from: &str, until: Option<&str>| HoldingFact {
            holding_id: HoldingId::new(),
            contact_id,
            position_id: positions[place].position_id,
            customer_id,
            from: day(from),
            until: until.map(day),
            sequence: 1,
        };
        let (li, wang) = (ContactId::new(), ContactId::new());
        let holdings = vec![
            holding(li, 0, "2026-01-01", None),
            holding(li, 0, "2025-01-01", None),
            holding(wang, 0, "2025-01-01", Some("2026-03-01")),
            holding(wang, 1, "2025-01-01", None),
            holding(wang, 2, "2025-01-01", None),
        ];
        let told = Told { positions, holdings, ..Told::default() };
        let people = told.observed(None, day("2026-03-01")).key_people;
        assert_eq!(people.iter().map(|person| person.contact).collect::<Vec<_>>(), [li]);
        assert_eq!(people[0].since.date_naive(), day("2025-01-01"));
        assert_eq!(told.observed(None, day("2026-02-28")).key_people.len(), 2);
    }

    #[test]
    fn orders_of_one_currency_count() {
        let order = |on: &str, currency, cancelled| OrderFact {
            order_id: OrderId::new(),
            customer_id: CustomerId::new(),
            sequence: 1,
            ordered_on: day(on),
            amount: Money { minor: 100, currency },
            cancelled,
        };
        let orders = vec![
            order("2026-01-01", Currency::USD, false),
            order("2026-02-01", Currency::CNY, false),
            order("2026-01-15", Currency::CNY, true),
        ];
        let told = Told { orders, ..Told::default() };
        assert_eq!(told.observed(None, day("2026-03-01")).facts.len(), 1);
    }
}
