//! Who the demo's customers are, and who sits where in them.

use std::collections::HashSet;

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use registry_contract::{CustomerId, CustomerKind, Lifecycle, NewCustomer, Tier};
use wire::{ExternalId, Money};

use super::names::{Companies, CompanyName, Desk, INDUSTRIES, Industry, colleague, person};
use super::places::{ABROAD, CHINA, Place};
use super::random::Random;
use super::seats;
use super::world::{Customer, DAYS, Holder, Seat, Span, midnight};

const GROUPS: usize = 14;
const COMPANIES: &[(Tier, usize)] = &[(Tier::S, 4), (Tier::A, 26), (Tier::B, 56), (Tier::C, 66)];
const DISTRIBUTORS: usize = 22;
const BUYERS: usize = 10;
const CONSUMERS: usize = 12;

pub fn draw(random: &mut Random, span: Span) -> Vec<Customer> {
    let mut draft = Draft { random: random.fork(), companies: Companies::default(), span, customers: Vec::new() };
    for index in 0..GROUPS {
        draft.group(if index % 2 == 0 { Tier::S } else { Tier::A });
    }
    for &(tier, count) in COMPANIES {
        for _ in 0..count {
            draft.company(tier);
        }
    }
    for _ in 0..DISTRIBUTORS {
        draft.distributor();
    }
    for _ in 0..BUYERS {
        draft.buyer();
    }
    for _ in 0..CONSUMERS {
        draft.consumer();
    }
    // A group was known before its subsidiaries, and the sort is stable: it stays before them.
    draft.customers.sort_by_key(|customer| customer.since);
    draft.customers
}

struct Draft {
    random: Random,
    companies: Companies,
    span: Span,
    customers: Vec<Customer>,
}

/// What all sorts of customers have in common.
struct Outline {
    kind: CustomerKind,
    tier: Tier,
    lifecycle: Lifecycle,
    place: Place,
    industry: &'static str,
    name: CompanyName,
    parent: Option<CustomerId>,
}

impl Draft {
    fn group(&mut self, tier: Tier) {
        let (place, industry) = (self.place(), self.random.weighted(INDUSTRIES));
        let name = self.companies.group(&mut self.random, &place, &industry);
        let lifecycle = self.lifecycle(tier);
        let group = self.add(Outline {
            kind: CustomerKind::Enterprise,
            tier,
            lifecycle,
            place,
            industry: industry.code,
            name: name.clone(),
            parent: None,
        });
        let mut cities = HashSet::from([place.city]);
        for _ in 0..self.random.within(1..=4) {
            self.subsidiary(group, cities_of(place), &name, &industry, &mut cities);
        }
    }

    fn subsidiary(
        &mut self,
        group: CustomerId,
        places: &[(Place, u32)],
        name: &CompanyName,
        industry: &Industry,
        cities: &mut HashSet<&'static str>,
    ) {
        let place = loop {
            let place = self.random.weighted(places);
            if cities.insert(place.city) {
                break place;
            }
        };
        let tier = self.random.weighted(&[(Tier::A, 2), (Tier::B, 4), (Tier::C, 3)]);
        let name = self.companies.subsidiary(&mut self.random, name, &place);
        let lifecycle = self.lifecycle(tier);
        self.add(Outline {
            kind: CustomerKind::Enterprise,
            tier,
            lifecycle,
            place,
            industry: industry.code,
            name,
            parent: Some(group),
        });
    }

    fn company(&mut self, tier: Tier) {
        let (place, industry) = (self.place(), self.random.weighted(INDUSTRIES));
        let name = self.companies.company(&mut self.random, &place, &industry);
        let lifecycle = self.lifecycle(tier);
        self.add(Outline {
            kind: CustomerKind::Enterprise,
            tier,
            lifecycle,
            place,
            industry: industry.code,
            name,
            parent: None,
        });
    }

    fn distributor(&mut self) {
        let place = self.place();
        let kind = *self.random.pick(&[CustomerKind::ChannelPartner, CustomerKind::Intermediary]);
        let tier = self.random.weighted(&[(Tier::A, 1), (Tier::B, 4), (Tier::C, 5)]);
        let name = self.companies.distributor(&mut self.random, &place);
        let lifecycle = self.lifecycle(tier);
        self.add(Outline { kind, tier, lifecycle, place, industry: "distribution", name, parent: None });
    }

    fn buyer(&mut self) {
        let (place, industry) = (self.place(), self.random.weighted(INDUSTRIES));
        let name = self.companies.company(&mut self.random, &place, &industry);
        let lifecycle = Lifecycle::FirstPurchase;
        self.add(Outline {
            kind: CustomerKind::Buyer,
            tier: Tier::C,
            lifecycle,
            place,
            industry: industry.code,
            name,
            parent: None,
        });
    }

    fn consumer(&mut self) {
        let place = self.place();
        let person = person(&mut self.random, place.country);
        let name = CompanyName { name: person.name.clone(), short_name: person.name, label: person.label };
        let lifecycle = self.lifecycle(Tier::C);
        self.add(Outline {
            kind: CustomerKind::Consumer,
            tier: Tier::C,
            lifecycle,
            place,
            industry: "",
            name,
            parent: None,
        });
    }

    fn place(&mut self) -> Place {
        let home = self.random.percent(65);
        self.random.weighted(if home { CHINA } else { ABROAD })
    }

    fn lifecycle(&mut self, tier: Tier) -> Lifecycle {
        use Lifecycle::*;
        self.random.weighted(match tier {
            Tier::S => &[(Repeat, 6), (Advocate, 4)],
            Tier::A => &[(Repeat, 6), (Advocate, 3), (Regained, 1), (FirstPurchase, 1)],
            Tier::B => &[(Repeat, 5), (FirstPurchase, 3), (Prospect, 2), (Advocate, 1), (Lapsed, 1), (Regained, 1)],
            Tier::C => &[
                (Repeat, 3),
                (FirstPurchase, 3),
                (Prospect, 4),
                (Suspect, 2),
                (Lapsed, 2),
                (Regained, 1),
                (Advocate, 1),
            ],
        })
    }

    fn add(&mut self, outline: Outline) -> CustomerId {
        let chinese = outline.place.country == "CN";
        let since = self.since(outline.lifecycle, outline.tier).max(self.group_since(outline.parent));
        let warmth = self.warmth(outline.lifecycle);
        let seats = match outline.kind {
            CustomerKind::Consumer => Vec::new(),
            _ => self.seats(&outline, since, chinese),
        };
        let utc_offset = outline.place.utc_offset;
        let new = self.record(outline);
        let since = midnight(since);
        let id = self.random.id(since).into();
        self.customers.push(Customer { id, since, new, seats, chinese, utc_offset, warmth });
        id
    }

    /// The day we first heard of them: most are older than the span the demo tells of.
    fn since(&mut self, lifecycle: Lifecycle, tier: Tier) -> NaiveDate {
        let days = match lifecycle {
            Lifecycle::Suspect => self.random.within(60..=200),
            Lifecycle::Prospect => self.random.within(90..=420),
            Lifecycle::FirstPurchase => self.random.within(150..=500),
            Lifecycle::Lapsed | Lifecycle::Regained => DAYS as i64 + self.random.within(1..=20),
            Lifecycle::Repeat | Lifecycle::Advocate if tier == Tier::S => DAYS as i64 + self.random.within(1..=20),
            Lifecycle::Repeat | Lifecycle::Advocate => {
                self.random.weighted(&[(400, 1), (560, 1), (680, 2), (DAYS as i64 + 5, 8)])
            }
        };
        self.span.days_ago(days)
    }

    fn group_since(&self, parent: Option<CustomerId>) -> NaiveDate {
        let group = self.customers.iter().find(|customer| Some(customer.id) == parent);
        group.map_or(NaiveDate::MIN, |group| group.since.date_naive())
    }

    fn warmth(&mut self, lifecycle: Lifecycle) -> i64 {
        let (low, high) = match lifecycle {
            Lifecycle::Advocate => (75, 95),
            Lifecycle::Repeat => (50, 90),
            Lifecycle::FirstPurchase | Lifecycle::Prospect => (40, 80),
            Lifecycle::Suspect => (30, 60),
            Lifecycle::Regained => (45, 75),
            Lifecycle::Lapsed => (10, 40),
        };
        self.random.within(low..=high)
    }

    fn record(&mut self, outline: Outline) -> NewCustomer {
        let Outline { kind, tier, lifecycle, place, industry, name, parent } = outline;
        let person = kind == CustomerKind::Consumer;
        let number = self.customers.len() + 1;
        NewCustomer {
            short_name: (!person).then_some(name.short_name),
            kind,
            tier,
            lifecycle,
            industry: (!person).then(|| industry.to_owned()),
            country: Some(place.country.to_owned()),
            region: Some(place.region.to_owned()),
            city: Some(place.city.to_owned()),
            website: (!person).then(|| format!("https://www.{}.example", name.label)),
            phone: Some(format!("{}{:02}", place.phone_prefix, self.random.within(0..=99))),
            language: place.language.to_owned(),
            time_zone: place.time_zone.to_owned(),
            currency: place.currency.to_owned(),
            parent_id: parent,
            owner: Some(self.owner(place.country == "CN")),
            annual_revenue: if person { None } else { self.revenue(tier, place.currency) },
            employees: (!person).then(|| self.employees(tier)),
            founded_year: (!person).then(|| self.random.within(1958..=2019) as i32),
            external_ids: if person { Vec::new() } else { self.external_ids(number) },
            ..NewCustomer::named(name.name)
        }
    }

    fn owner(&mut self, chinese: bool) -> String {
        colleague(&mut self.random, if chinese { Desk::Home } else { Desk::Abroad }).to_owned()
    }

    fn revenue(&mut self, tier: Tier, currency: &str) -> Option<Money> {
        let millions = match tier {
            Tier::S => self.random.within(2_000..=60_000),
            Tier::A => self.random.within(500..=8_000),
            Tier::B => self.random.within(80..=1_500),
            Tier::C => self.random.within(5..=300),
        };
        Money::parse(&format!("{millions}000000"), currency.parse().ok()?).ok()
    }

    fn employees(&mut self, tier: Tier) -> i64 {
        match tier {
            Tier::S => self.random.within(3_000..=80_000),
            Tier::A => self.random.within(800..=9_000),
            Tier::B => self.random.within(120..=2_500),
            Tier::C => self.random.within(8..=400),
        }
    }

    fn external_ids(&mut self, number: usize) -> Vec<ExternalId> {
        let mut ids = Vec::new();
        if self.random.percent(80) {
            ids.push(ExternalId { system: "erp".to_owned(), id: format!("{:010}", 100_000 + number) });
        }
        if self.random.percent(40) {
            ids.push(ExternalId { system: "desk".to_owned(), id: format!("org-{number}") });
        }
        ids
    }

    fn seats(&mut self, outline: &Outline, since: NaiveDate, chinese: bool) -> Vec<Seat> {
        let mut labels = HashSet::new();
        let mut seats: Vec<Seat> = Vec::new();
        for (chair, reports_to) in seats::chart(outline.tier) {
            let holders = self.holders(outline, since, &mut labels);
            seats.push(Seat {
                id: self.random.id(midnight(since)).into(),
                title: chair.title.of(chinese).to_owned(),
                level: chair.level,
                reports_to: reports_to.map(|superior| seats[superior].id),
                role: chair.role,
                vote_weight: chair.vote_weight,
                holders,
            });
        }
        seats
    }

    /// People change, seats stay: now and then a seat has had somebody else before.
    fn holders(&mut self, outline: &Outline, since: NaiveDate, labels: &mut HashSet<String>) -> Vec<Holder> {
        let known_for = (self.span.today - since).num_days();
        if known_for > 200 && self.random.percent(8) {
            let change = since + TimeDelta::days(self.random.within(60..=known_for - 30));
            vec![
                Holder { until: Some(change), ..self.holder(outline, since, labels) },
                self.holder(outline, change, labels),
            ]
        } else {
            vec![self.holder(outline, since, labels)]
        }
    }

    fn holder(&mut self, outline: &Outline, from: NaiveDate, labels: &mut HashSet<String>) -> Holder {
        let person = person(&mut self.random, outline.place.country);
        let mut label = person.label.clone();
        let mut same = 1;
        while !labels.insert(label.clone()) {
            same += 1;
            label = format!("{}{same}", person.label);
        }
        let phone = format!("{}{:02}", outline.place.phone_prefix, self.random.within(0..=99));
        Holder {
            id: self.random.id(midnight(from)).into(),
            holding_id: self.random.id(midnight(from)).into(),
            name: person.name,
            email: format!("{label}@{}.example", outline.name.label),
            phone: self.random.percent(75).then_some(phone),
            from: first_workday(from),
            until: None,
        }
    }
}

/// A group of here sits here, one from abroad abroad.
fn cities_of(place: Place) -> &'static [(Place, u32)] {
    if place.country == "CN" { CHINA } else { ABROAD }
}

fn first_workday(day: NaiveDate) -> NaiveDate {
    day + Days::new(match day.weekday().num_days_from_monday() {
        5 => 2,
        6 => 1,
        _ => 0,
    })
}
