//! What went wrong, and how each complaint was dealt with, step by step: most well and in time, some late, a few again.

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::State;
use registry_contract::Tier;

use super::names::{Desk, colleague};
use super::phrases::{INTAKE, PRODUCTS, REOPEN_REASONS, TROUBLES, WITHDRAWALS};
use super::random::Random;
use super::world::{Customer, Deed, Span, Step, Trouble};

/// How many complaints stand where on the day the demo starts.
const STANDING: &[(State, usize)] = &[
    (State::Received, 16),
    (State::Acknowledged, 12),
    (State::Assessed, 6),
    (State::Investigating, 30),
    (State::Responded, 24),
    (State::Resolved, 34),
    (State::Closed, 226),
    (State::Withdrawn, 16),
];

pub fn draw(random: &mut Random, span: Span, customers: &[Customer]) -> Vec<Trouble> {
    let mut ledger = Ledger { random: random.fork(), span, customers };
    let mut troubles: Vec<Trouble> = STANDING
        .iter()
        .flat_map(|&(state, count)| std::iter::repeat_n(state, count))
        .map(|state| ledger.trouble(state))
        .collect();
    troubles.sort_by_key(|trouble| trouble.received_at);
    troubles
}

struct Ledger<'a> {
    random: Random,
    span: Span,
    customers: &'a [Customer],
}

impl Ledger<'_> {
    fn trouble(&mut self, state: State) -> Trouble {
        let kind = self.random.pick(TROUBLES);
        let severity = self.random.weighted(kind.severities);
        let (customer, received_at, course) = self.whom_when_and_how(state, severity);
        let record = &self.customers[customer];
        let (chinese, product) = (record.chinese, *self.random.pick(PRODUCTS));
        let people = record.people_on(received_at.date_naive());
        let person = (!people.is_empty() && self.random.percent(85)).then(|| self.random.pick(&people).0);
        let texts = Texts { chinese, answer: kind.answer.of(chinese) };
        let mut at = received_at;
        let steps = course.into_iter().map(|(delay, deed)| {
            at += delay;
            Step { at, deed: texts.fill(deed, &mut self.random) }
        });
        let steps = steps.collect();
        Trouble {
            id: self.random.id(received_at).into(),
            customer,
            person,
            received_at,
            channel: self.random.weighted(INTAKE),
            subject: kind.subject.of(chinese).replace("{product}", product),
            description: kind.description.of(chinese).to_owned(),
            product: product.to_owned(),
            issue: kind.issue.to_owned(),
            remedy: kind.remedy.of(chinese).to_owned(),
            severity,
            safety: kind.safety,
            chinese,
            handler: colleague(&mut self.random, Desk::Complaints).to_owned(),
            steps,
        }
    }

    /// The steps that lead to a state, each with the time it took since the one before.
    fn course(&mut self, state: State, usual: i64) -> Vec<(TimeDelta, Deed)> {
        let reached = match state {
            State::Received => 0,
            State::Acknowledged => 1,
            State::Assessed => 2,
            State::Investigating | State::Waiting => 3,
            State::Responded | State::Accepted | State::Escalated => 4,
            State::Resolved => 5,
            State::Closed | State::FollowedUp => 6,
            State::Withdrawn | State::Rejected => self.random.within(0..=2) as usize,
        };
        let mut course: Vec<_> = self.straight(usual).into_iter().take(reached).collect();
        let settled = matches!(state, State::Resolved | State::Closed);
        if settled && self.random.percent(12) {
            let mut again = vec![(self.days(2, 20), Deed::Reopen(String::new()))];
            // It is under investigation again already.
            let rest = self.straight(usual).into_iter().take(reached);
            again.extend(rest.filter(|(_, deed)| !matches!(deed, Deed::Acknowledge | Deed::Investigate)));
            course.extend(again);
        }
        if state == State::Withdrawn {
            course.push((self.days(1, 6), Deed::Withdraw(String::new())));
        }
        course
    }

    /// `usual` is the time, in minutes, within which a good handler answers; every sixth complaint or so runs late.
    fn straight(&mut self, usual: i64) -> Vec<(TimeDelta, Deed)> {
        let pace = if self.random.percent(16) { usual * self.random.within(3..=8) } else { usual };
        let mut part =
            |low: i64, high: i64| TimeDelta::minutes(self.random.within(pace * low / 100..=pace * high / 100).max(1));
        let until_resolved = [
            (part(2, 8), Deed::Acknowledge),
            (part(3, 15), Deed::Assess),
            (TimeDelta::minutes(1), Deed::Investigate),
            (part(20, 65), Deed::Respond(String::new())),
            (part(100, 500), Deed::Resolve(String::new())),
        ];
        until_resolved.into_iter().chain([(self.days(1, 6), Deed::Close)]).collect()
    }

    fn days(&mut self, low: i64, high: i64) -> TimeDelta {
        TimeDelta::minutes(self.random.within(low * 1_440..=high * 1_440))
    }

    /// What is open came in lately, now and then too long ago; what is done lies anywhere in the two years.
    fn whom_when_and_how(&mut self, state: State, severity: i16) -> (usize, DateTime<Utc>, Vec<(TimeDelta, Deed)>) {
        loop {
            let customer = self.whom();
            let record = &self.customers[customer];
            let course = self.course(state, usual_answer(record.tier(), severity));
            let idle = self.idle(state);
            let received_at = self.span.end() - course.iter().map(|(delay, _)| *delay).sum::<TimeDelta>() - idle;
            let day = received_at.date_naive();
            if record.since <= received_at && day >= self.span.start && record.active(day, self.span) {
                return (customer, received_at, course);
            }
        }
    }

    /// How long ago the last step was.
    fn idle(&mut self, state: State) -> TimeDelta {
        let hours = match state {
            State::Received => self.random.weighted(&[((0, 3), 8), ((30, 90), 2)]),
            State::Acknowledged | State::Assessed | State::Investigating | State::Waiting => {
                self.random.weighted(&[((1, 20), 7), ((72, 400), 3)])
            }
            State::Responded | State::Accepted | State::Escalated => {
                self.random.weighted(&[((4, 90), 8), ((200, 700), 2)])
            }
            State::Resolved => (4, 240),
            State::Closed | State::FollowedUp | State::Withdrawn | State::Rejected => (24, 24 * 690),
        };
        TimeDelta::minutes(self.random.within(hours.0 * 60 + 1..=hours.1 * 60))
    }

    /// Those who buy more complain more, and those we treat coldly more again.
    fn whom(&mut self) -> usize {
        loop {
            let index = self.random.below(self.customers.len());
            let customer = &self.customers[index];
            let share = match customer.tier() {
                Tier::S => 60,
                Tier::A => 45,
                Tier::B => 25,
                Tier::C => 12,
            };
            let coldness = 130 - customer.warmth;
            if self.random.percent((share * coldness / 100) as u32) {
                return index;
            }
        }
    }
}

/// Minutes within which a good handler answers: shorter the graver it is, and the more the customer matters.
fn usual_answer(tier: Tier, severity: i16) -> i64 {
    let strategic = match severity {
        1 => 60,
        2 => 240,
        3 => 480,
        _ => 1_440,
    };
    let tenths = match tier {
        Tier::S => 10,
        Tier::A => 15,
        Tier::B => 20,
        Tier::C => 30,
    };
    strategic * tenths / 10
}

struct Texts<'a> {
    chinese: bool,
    answer: &'a str,
}

impl Texts<'_> {
    fn fill(&self, deed: Deed, random: &mut Random) -> Deed {
        match deed {
            Deed::Respond(_) => Deed::Respond(self.answer.to_owned()),
            Deed::Resolve(_) => Deed::Resolve(self.answer.to_owned()),
            Deed::Reopen(_) => Deed::Reopen(random.pick(REOPEN_REASONS).of(self.chinese).to_owned()),
            Deed::Withdraw(_) => Deed::Withdraw(random.pick(WITHDRAWALS).of(self.chinese).to_owned()),
            Deed::Acknowledge | Deed::Assess | Deed::Investigate | Deed::Close => deed,
        }
    }
}
