use std::collections::HashSet;
use std::hash::Hash;

use chrono::{DateTime, TimeDelta, Utc};
use interactions_contract::{Interaction, InteractionChannel, InteractionId, Means, NewInteraction};
use problem::FieldError;
use registry_contract::{ContactId, CustomerId};

/// Clocks of phones run ahead; more than this is a slip of the finger.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

const DURATION: std::ops::RangeInclusive<i32> = 1..=1440;
const OUTCOME: std::ops::RangeInclusive<i16> = 0..=4;
const PEOPLE: usize = 50;

/// Whom an interaction was with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Customer {
    pub id: CustomerId,
    /// Whether the registry told us of it.
    pub known: bool,
}

/// An interaction whose every field is as it must be, apart from whom it was with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub occurred_at: DateTime<Utc>,
    pub duration_minutes: Option<i32>,
    pub channel: InteractionChannel,
    pub means: Means,
    pub subject: String,
    pub notes: Option<String>,
    pub outcome: Option<i16>,
    pub contact_ids: Vec<ContactId>,
    pub staff: Vec<String>,
    pub next_step: Option<String>,
}

impl Draft {
    /// Names every wrong field at once.
    pub fn parse(new: NewInteraction, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let draft = Self {
            occurred_at: faults.moment("/occurred_at", new.occurred_at, now),
            duration_minutes: faults.within("/duration_minutes", new.duration_minutes, &DURATION),
            channel: new.channel,
            means: new.means,
            subject: faults.text("/subject", &new.subject, 200),
            notes: new.notes.map(|notes| faults.text("/notes", &notes, 10_000)),
            outcome: faults.within("/outcome", new.outcome, &OUTCOME),
            contact_ids: faults.distinct("/contact_ids", new.contact_ids),
            staff: faults.staff(&new.staff),
            next_step: new.next_step.map(|step| faults.text("/next_step", &step, 1_000)),
        };
        if faults.0.is_empty() { Ok(draft) } else { Err(faults.0) }
    }

    /// The interaction it becomes when it is logged.
    pub fn logged(self, id: InteractionId, code: String, customer: Customer, at: DateTime<Utc>) -> Interaction {
        Interaction {
            id,
            code,
            customer_id: customer.id,
            customer_known: customer.known,
            occurred_at: self.occurred_at,
            duration_minutes: self.duration_minutes,
            channel: self.channel,
            means: self.means,
            subject: self.subject,
            notes: self.notes,
            outcome: self.outcome,
            contact_ids: self.contact_ids,
            staff: self.staff,
            next_step: self.next_step,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// The next version of `before`; nothing when that is the same already.
    pub fn amended(self, before: &Interaction, customer: Customer, at: DateTime<Utc>) -> Option<Interaction> {
        if customer.id == before.customer_id && self == Self::from(before) {
            return None;
        }
        let logged = self.logged(before.id, before.code.clone(), customer, at);
        Some(Interaction { version: before.version + 1, created_at: before.created_at, ..logged })
    }
}

impl From<&Interaction> for Draft {
    fn from(interaction: &Interaction) -> Self {
        let Interaction { occurred_at, duration_minutes, channel, means, outcome, .. } = *interaction;
        Self {
            occurred_at,
            duration_minutes,
            channel,
            means,
            subject: interaction.subject.clone(),
            notes: interaction.notes.clone(),
            outcome,
            contact_ids: interaction.contact_ids.clone(),
            staff: interaction.staff.clone(),
            next_step: interaction.next_step.clone(),
        }
    }
}

#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, code: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(pointer, code, message));
    }

    fn moment(&mut self, pointer: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        if at > now + AHEAD {
            self.add(pointer, "in-future", "lies more than 5 minutes in the future");
        }
        wire::truncate(at)
    }

    fn within<N: PartialOrd + std::fmt::Display + Copy>(
        &mut self,
        pointer: &str,
        value: Option<N>,
        range: &std::ops::RangeInclusive<N>,
    ) -> Option<N> {
        if value.is_some_and(|value| !range.contains(&value)) {
            self.add(pointer, "out-of-range", format!("must be from {} to {}", range.start(), range.end()));
        }
        value
    }

    fn text(&mut self, pointer: &str, text: &str, longest: usize) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.add(pointer, "blank", "must not be blank");
        }
        if text.chars().count() > longest {
            self.add(pointer, "too-long", format!("must have at most {longest} characters"));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
            self.add(pointer, "control-character", "contains control characters");
        }
        text.to_owned()
    }

    fn distinct<T: Eq + Hash>(&mut self, pointer: &str, items: Vec<T>) -> Vec<T> {
        if items.len() > PEOPLE {
            self.add(pointer, "too-many", format!("must have at most {PEOPLE} entries"));
        }
        let mut seen = HashSet::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if !seen.insert(item) {
                self.add(format!("{pointer}/{index}"), "repeated", "is named twice");
            }
        }
        items
    }

    fn staff(&mut self, names: &[String]) -> Vec<String> {
        let names =
            names.iter().enumerate().map(|(index, name)| self.text(&format!("/staff/{index}"), name, 100)).collect();
        self.distinct("/staff", names)
    }
}

#[cfg(test)]
mod tests {
    use wire::Reference;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-04T01:30:00Z".parse().expect("an instant")
    }

    fn visit() -> NewInteraction {
        NewInteraction {
            customer_id: Reference::Id(CustomerId::new()),
            occurred_at: now(),
            duration_minutes: Some(90),
            channel: InteractionChannel::Visit,
            means: Means::TechnicalExchange,
            subject: " Roadmap ".to_owned(),
            notes: None,
            outcome: Some(3),
            contact_ids: vec![ContactId::new()],
            staff: vec!["li.wei".to_owned()],
            next_step: None,
        }
    }

    fn faults(new: NewInteraction) -> Vec<(String, String)> {
        let faults = Draft::parse(new, now()).expect_err("faults");
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_good_one_is_taken_with_its_texts_trimmed() {
        let draft = Draft::parse(visit(), now()).expect("no faults");
        assert_eq!(draft.subject, "Roadmap");
        assert_eq!(draft.outcome, Some(3));
    }

    #[test]
    fn five_minutes_ahead_is_the_limit() {
        let at = |occurred_at| NewInteraction { occurred_at, ..visit() };
        assert!(Draft::parse(at(now() + AHEAD), now()).is_ok());
        let beyond = at(now() + AHEAD + TimeDelta::microseconds(1));
        assert_eq!(faults(beyond), [("/occurred_at".to_owned(), "in-future".to_owned())]);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let twice = ContactId::new();
        let found = faults(NewInteraction {
            occurred_at: now() + TimeDelta::hours(1),
            duration_minutes: Some(0),
            subject: "  ".to_owned(),
            notes: Some("x".repeat(10_001)),
            outcome: Some(5),
            contact_ids: vec![twice, ContactId::new(), twice],
            staff: vec!["li.wei".to_owned(), String::new(), " li.wei".to_owned()],
            next_step: Some("a\0b".to_owned()),
            ..visit()
        });
        let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/occurred_at", "in-future"),
                ("/duration_minutes", "out-of-range"),
                ("/subject", "blank"),
                ("/notes", "too-long"),
                ("/outcome", "out-of-range"),
                ("/contact_ids/2", "repeated"),
                ("/staff/1", "blank"),
                ("/staff/2", "repeated"),
                ("/next_step", "control-character"),
            ]
        );
    }

    #[test]
    fn only_a_difference_makes_a_new_version() {
        let customer = Customer { id: CustomerId::new(), known: true };
        let draft = || Draft::parse(visit(), now()).expect("no faults");
        let logged = Draft { contact_ids: vec![], ..draft() };
        let logged = logged.logged(InteractionId::new(), "I-000001".to_owned(), customer, now());
        let later = now() + TimeDelta::hours(1);

        assert_eq!(Draft::from(&logged).amended(&logged, customer, later), None);

        let elsewhere = Customer { id: CustomerId::new(), known: false };
        let moved = Draft::from(&logged).amended(&logged, elsewhere, later).expect("another customer");
        assert_eq!((moved.version, moved.created_at, moved.updated_at), (2, now(), later));

        let judged = Draft { outcome: None, ..Draft::from(&logged) };
        assert_eq!(judged.amended(&logged, customer, later).expect("another outcome").outcome, None);
    }

    #[test]
    fn at_most_fifty_people() {
        let people = |count| NewInteraction {
            contact_ids: std::iter::repeat_with(ContactId::new).take(count).collect(),
            ..visit()
        };
        assert!(Draft::parse(people(50), now()).is_ok());
        assert_eq!(faults(people(51)), [("/contact_ids".to_owned(), "too-many".to_owned())]);
    }
}
