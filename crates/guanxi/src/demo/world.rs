//! The demo world as a plan: who there is, who met whom when, what went wrong. Drawn from a fixed seed and the day of
//! the first start alone; [`super::telling`] makes it happen through the services' own commands.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use complaints_contract as complaints;
use complaints_contract::ComplaintId;
use interactions_contract::InteractionId;
use interactions_contract::{InteractionChannel as Channel, Means};
use registry_contract::{ContactId, CustomerId, DecisionRole, HoldingId, Lifecycle, NewCustomer, PositionId, Tier};

use super::random::Random;
use super::{customers, meetings, troubles};

const SEED: u64 = 0x0067_7561_6E78_6931;

/// How far the demo's past reaches.
pub const DAYS: u64 = 730;

#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// A group stands before its subsidiaries.
    pub customers: Vec<Customer>,
    /// In the order they were logged.
    pub meetings: Vec<Meeting>,
    /// In the order they came in.
    pub troubles: Vec<Trouble>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    pub id: CustomerId,
    pub since: DateTime<Utc>,
    pub new: NewCustomer,
    pub seats: Vec<Seat>,
    /// Texts about it are in Chinese.
    pub chinese: bool,
    pub utc_offset: i64,
    /// 0-100: how well things go between them and us.
    pub warmth: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    pub id: PositionId,
    pub title: String,
    pub level: i32,
    pub reports_to: Option<PositionId>,
    pub role: DecisionRole,
    pub vote_weight: i32,
    /// Who held it, the latest last.
    pub holders: Vec<Holder>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    pub id: ContactId,
    pub holding_id: HoldingId,
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    pub id: InteractionId,
    /// Index of the customer.
    pub customer: usize,
    pub logged_at: DateTime<Utc>,
    pub occurred_at: DateTime<Utc>,
    pub minutes: Option<i32>,
    pub channel: Channel,
    pub means: Means,
    pub subject: String,
    pub notes: Option<String>,
    pub outcome: Option<i16>,
    pub people: Vec<ContactId>,
    pub staff: Vec<String>,
    pub next_step: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub id: ComplaintId,
    /// Index of the customer.
    pub customer: usize,
    pub person: Option<ContactId>,
    pub received_at: DateTime<Utc>,
    pub channel: complaints::Channel,
    pub subject: String,
    pub description: String,
    pub product: String,
    pub issue: String,
    pub remedy: String,
    pub severity: i16,
    pub safety: bool,
    pub chinese: bool,
    pub handler: String,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub at: DateTime<Utc>,
    pub deed: Deed,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Acknowledge,
    Assess,
    Investigate,
    Respond(String),
    Resolve(String),
    Close,
    Reopen(String),
    Withdraw(String),
}

/// The two years that end when the day of the first start began: nothing of the demo lies in the future.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub start: NaiveDate,
    pub today: NaiveDate,
}

impl Span {
    pub fn until(today: NaiveDate) -> Self {
        Self { start: today - Days::new(DAYS), today }
    }

    pub fn end(self) -> DateTime<Utc> {
        midnight(self.today)
    }

    pub fn days_ago(self, days: i64) -> NaiveDate {
        self.today - TimeDelta::days(days)
    }
}

/// A part of the span: telling it slice by slice lets scores be as they were at the end of each.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Nothing lies before the first slice.
    from: Option<DateTime<Utc>>,
    pub until: DateTime<Utc>,
    /// An earlier start may have told some of it.
    pub again: bool,
}

impl Slice {
    const DAYS: i64 = 30;

    /// The slices of a span that end after `told`, up to where an earlier start has told everything.
    pub fn of(span: Span, told: Option<DateTime<Utc>>, again: bool) -> Vec<Self> {
        let mut slices = Vec::new();
        let mut from = None;
        while from.is_none_or(|from| from < span.end()) {
            let until = (from.unwrap_or(midnight(span.start)) + TimeDelta::days(Self::DAYS)).min(span.end());
            slices.push(Self { from, until, again: false });
            from = Some(until);
        }
        slices.retain(|slice| told.is_none_or(|told| slice.until > told));
        if let Some(first) = slices.first_mut() {
            first.again = again;
        }
        slices
    }

    pub fn contains(self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= at) && at < self.until
    }
}

pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

impl World {
    pub fn generate(today: NaiveDate) -> Self {
        let span = Span::until(today);
        let mut random = Random::from_seed(SEED);
        let customers = customers::draw(&mut random.fork(), span);
        let meetings = meetings::draw(&mut random.fork(), span, &customers);
        let troubles = troubles::draw(&mut random.fork(), span, &customers);
        Self { customers, meetings, troubles }
    }

    /// How many acts it takes to tell it.
    pub fn acts(&self) -> usize {
        let seats: usize = self.customers.iter().map(|customer| customer.seats.len()).sum();
        let steps: usize = self.troubles.iter().map(|trouble| trouble.steps.len()).sum();
        self.customers.len() + seats + 2 * self.people() + self.meetings.len() + self.troubles.len() + steps
    }

    pub fn people(&self) -> usize {
        self.customers.iter().flat_map(|customer| &customer.seats).map(|seat| seat.holders.len()).sum()
    }
}

impl Customer {
    pub fn tier(&self) -> Tier {
        self.new.tier
    }

    /// The days on which people meet them: none before they came, few after they went.
    pub fn active(&self, day: NaiveDate, span: Span) -> bool {
        let began = self.since.date_naive().max(span.start);
        if day < began {
            return false;
        }
        match self.new.lifecycle {
            Lifecycle::Lapsed => day < span.days_ago(200),
            Lifecycle::Regained => !(span.days_ago(400)..span.days_ago(150)).contains(&day),
            Lifecycle::Suspect => day >= span.days_ago(180),
            Lifecycle::Prospect => day >= span.days_ago(400),
            Lifecycle::FirstPurchase | Lifecycle::Repeat | Lifecycle::Advocate => true,
        }
    }

    /// Those who held a seat on a day, with the level of the seat.
    pub fn people_on(&self, day: NaiveDate) -> Vec<(ContactId, i32)> {
        let mut people = Vec::new();
        for seat in &self.seats {
            let holder =
                seat.holders.iter().find(|holder| holder.from <= day && holder.until.is_none_or(|until| day < until));
            people.extend(holder.map(|holder| (holder.id, seat.level)));
        }
        people
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    fn today() -> NaiveDate {
        "2026-11-21".parse().expect("a date")
    }

    #[test]
    fn the_same_day_gives_the_same_world() {
        assert_eq!(World::generate(today()), World::generate(today()));
    }

    #[test]
    fn another_day_gives_the_same_people() {
        let (one, other) = (World::generate(today()), World::generate("2027-02-28".parse().expect("a date")));
        let names =
            |world: &World| world.customers.iter().map(|customer| customer.new.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&one), names(&other));
        assert_eq!(one.people(), other.people());
    }

    #[test]
    fn the_world_is_large_enough() {
        let world = World::generate(today());
        assert!(world.customers.len() >= 200, "{} customers", world.customers.len());
        assert!(world.people() >= 1_000, "{} contacts", world.people());
        assert!((5_000..9_000).contains(&world.meetings.len()), "{} interactions", world.meetings.len());
        assert!(world.troubles.len() >= 300, "{} complaints", world.troubles.len());
    }

    #[test]
    fn customers_are_of_every_kind() {
        let world = World::generate(today());
        let distinct = |key: fn(&Customer) -> String| world.customers.iter().map(key).collect::<HashSet<_>>().len();
        assert_eq!(distinct(|customer| format!("{:?}", customer.new.tier)), 4);
        assert_eq!(distinct(|customer| format!("{:?}", customer.new.kind)), 5);
        assert_eq!(distinct(|customer| format!("{:?}", customer.new.lifecycle)), 7);
        assert!(distinct(|customer| customer.new.country.clone().unwrap_or_default()) > 15);
        assert!(world.customers.iter().filter(|customer| customer.chinese).count() * 2 > world.customers.len());
        let mut groups = HashSet::new();
        for customer in &world.customers {
            match customer.new.parent_id {
                Some(parent) => assert!(groups.contains(&parent)),
                None => assert!(groups.insert(customer.id)),
            }
        }
        assert!(world.customers.len() - groups.len() >= 25);
    }

    #[test]
    fn nothing_lies_in_the_future_and_nobody_is_met_before_he_came() {
        let world = World::generate(today());
        let end = midnight(today());
        for meeting in &world.meetings {
            assert!(meeting.occurred_at < meeting.logged_at && meeting.logged_at < end);
            assert!(world.customers[meeting.customer].since <= meeting.occurred_at);
        }
        for trouble in &world.troubles {
            assert!(world.customers[trouble.customer].since <= trouble.received_at);
            let instants: Vec<_> =
                std::iter::once(trouble.received_at).chain(trouble.steps.iter().map(|step| step.at)).collect();
            assert!(instants.is_sorted() && instants.iter().all(|at| *at < end), "{instants:?}");
        }
        assert!(world.meetings.is_sorted_by_key(|meeting| meeting.logged_at));
        assert!(world.troubles.is_sorted_by_key(|trouble| trouble.received_at));
    }

    #[test]
    fn slices_cover_everything_once() {
        let (world, span) = (World::generate(today()), Span::until(today()));
        let slices = Slice::of(span, None, false);
        let instants = world
            .customers
            .iter()
            .map(|customer| customer.since)
            .chain(world.meetings.iter().map(|meeting| meeting.logged_at));
        for at in instants {
            assert_eq!(slices.iter().filter(|slice| slice.contains(at)).count(), 1, "{at}");
        }
        assert_eq!(slices.last().map(|slice| slice.until), Some(span.end()));

        let rest = Slice::of(span, Some(slices[3].until), true);
        assert_eq!(rest.len(), slices.len() - 4);
        assert!(rest[0].again && !rest[1].again);
        assert!(!rest[0].contains(slices[3].until - TimeDelta::seconds(1)));
    }

    #[test]
    fn key_customers_are_met_more_often() {
        let world = World::generate(today());
        let mut per_tier: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
        for customer in &world.customers {
            per_tier.entry(super::super::seats::rank(customer.tier())).or_default().0 += 1;
        }
        for meeting in &world.meetings {
            per_tier.entry(super::super::seats::rank(world.customers[meeting.customer].tier())).or_default().1 += 1;
        }
        let rates: Vec<f64> =
            per_tier.values().map(|(customers, meetings)| *meetings as f64 / *customers as f64).collect();
        assert!(rates.is_sorted_by(|less, more| less * 1.5 < *more), "{rates:?}");
    }
}
