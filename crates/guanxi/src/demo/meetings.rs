//! Who met whom, when, how and what about: cadence by tier, within working hours, between people who then held a seat.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use interactions_contract::{InteractionChannel as Channel, Means};
use registry_contract::{ContactId, Lifecycle, Tier};

use super::names::{Desk, colleague};
use super::phrases::{
    ANNUAL, COMPANY_VISIT, EXECUTIVE, FORUM, HOTLINE, NEXT_STEPS, NOTES, ON_SITE, Occasion, ROUTINE, SHOWCASE, STUDY,
    SUMMIT, SURVEY, TECHNICAL, TOPICS, TRAINING,
};
use super::random::Random;
use super::world::{Customer, Meeting, Span, midnight};

pub fn draw(random: &mut Random, span: Span, customers: &[Customer]) -> Vec<Meeting> {
    let mut meetings = Vec::new();
    for (index, customer) in customers.iter().enumerate() {
        let mut random = random.fork();
        let care = Care::draw(&mut random, span, customer.tier());
        let circle = random.within(25..=100) as usize;
        let mut diary = Diary { random, span, index, customer, care, circle, meetings: &mut meetings };
        diary.everyday();
        diary.set_pieces();
    }
    meetings.sort_by_key(|meeting| (meeting.logged_at, meeting.customer));
    meetings
}

struct Diary<'a> {
    random: Random,
    span: Span,
    index: usize,
    customer: &'a Customer,
    care: Care,
    /// How many in a hundred of their people we ever meet.
    circle: usize,
    meetings: &'a mut Vec<Meeting>,
}

/// How much a customer is looked after, in percent of what its tier usually gets; it may change once.
#[derive(Clone, Copy)]
struct Care {
    before: i64,
    after: i64,
    turn: NaiveDate,
}

impl Care {
    fn draw(random: &mut Random, span: Span, tier: Tier) -> Self {
        let mut level = || {
            let (low, high) = random.weighted(Self::levels(tier));
            random.within(low..=high)
        };
        let before = level();
        let other = level();
        let after = if random.percent(40) { other } else { before };
        Self { before, after, turn: span.days_ago(random.within(90..=420)) }
    }

    fn levels(tier: Tier) -> &'static [((i64, i64), u32)] {
        match tier {
            Tier::S => &[((35, 70), 2), ((70, 120), 5), ((120, 160), 3)],
            Tier::A => &[((10, 30), 2), ((30, 70), 4), ((70, 130), 5), ((130, 170), 2)],
            Tier::B | Tier::C => &[((5, 15), 3), ((20, 60), 5), ((60, 120), 6), ((120, 220), 3)],
        }
    }

    fn on(self, day: NaiveDate) -> i64 {
        if day < self.turn { self.before } else { self.after }
    }
}

/// Days between two ordinary meetings with a customer who is looked after as usual.
fn cadence(customer: &Customer) -> i64 {
    let days = match customer.tier() {
        Tier::S => 6,
        Tier::A => 11,
        Tier::B => 27,
        Tier::C => 60,
    };
    match customer.new.lifecycle {
        Lifecycle::Suspect => days * 2,
        Lifecycle::Prospect => days * 3 / 2,
        _ => days,
    }
}

impl Diary<'_> {
    fn everyday(&mut self) {
        let cadence = cadence(self.customer);
        let mut day = self.span.start + TimeDelta::days(self.random.within(0..=cadence));
        while day < self.span.today {
            let occasion = self.occasion();
            self.hold(occasion, day);
            let pause = self.random.within(cadence * 40..=cadence * 160) / self.care.on(day);
            day += TimeDelta::days(pause.max(1));
        }
    }

    fn occasion(&mut self) -> &'static Occasion {
        match self.customer.tier() {
            Tier::S | Tier::A => self.random.weighted(&[
                (&ROUTINE, 54),
                (&TECHNICAL, 19),
                (&ON_SITE, 8),
                (&TRAINING, 5),
                (&HOTLINE, 4),
                (&COMPANY_VISIT, 3),
                (&SHOWCASE, 3),
                (&SURVEY, 2),
                (&STUDY, 2),
            ]),
            Tier::B | Tier::C => self.random.weighted(&[
                (&ROUTINE, 58),
                (&HOTLINE, 17),
                (&TECHNICAL, 10),
                (&TRAINING, 5),
                (&ON_SITE, 3),
                (&SURVEY, 4),
                (&SHOWCASE, 2),
                (&COMPANY_VISIT, 1),
            ]),
        }
    }

    /// What the calendar of the tier prescribes: executives by quarter, the annual meeting, the summit, the forum.
    fn set_pieces(&mut self) {
        let between_executives = match self.customer.tier() {
            Tier::S => Some(91),
            Tier::A => Some(182),
            Tier::B | Tier::C => None,
        };
        if let Some(days) = between_executives {
            let mut day = self.span.start + TimeDelta::days(self.random.within(10..=days));
            while day < self.span.today {
                self.hold(&EXECUTIVE, day);
                day += TimeDelta::days(days + self.random.within(-12..=12));
            }
        }
        for year in self.span.start.year()..=self.span.today.year() {
            match self.customer.tier() {
                Tier::S | Tier::A => {
                    self.hold_in(&ANNUAL, year, 12);
                    self.hold_in(&SUMMIT, year, 9);
                }
                Tier::B if self.random.percent(60) => self.hold_in(&FORUM, year, 5),
                Tier::C if self.random.percent(25) => self.hold_in(&FORUM, year, 5),
                Tier::B | Tier::C => {}
            }
        }
    }

    fn hold_in(&mut self, occasion: &'static Occasion, year: i32, month: u32) {
        let day = self.random.within(1..=25) as u32;
        if let Some(day) = NaiveDate::from_ymd_opt(year, month, day) {
            self.hold(occasion, day);
        }
    }

    fn hold(&mut self, occasion: &'static Occasion, day: NaiveDate) {
        let day = workday(day);
        if day >= self.span.today || !self.customer.active(day, self.span) {
            return;
        }
        let occurred_at = self.hour(day);
        let minutes = self.random.within(occasion.minutes.0..=occasion.minutes.1) / 5 * 5;
        let logged_at = occurred_at + TimeDelta::minutes(minutes + self.random.within(5..=26 * 60));
        if logged_at >= self.span.end() {
            return;
        }
        let chinese = self.customer.chinese;
        let channel = self.random.weighted(occasion.channels);
        let written = matches!(channel, Channel::Email | Channel::Im);
        let topic = self.random.pick(TOPICS).of(chinese);
        let meeting = Meeting {
            id: self.random.id(logged_at).into(),
            customer: self.index,
            logged_at,
            occurred_at,
            minutes: (!written).then_some(minutes.max(5) as i32),
            channel,
            means: occasion.means,
            subject: self.random.pick(occasion.subjects).of(chinese).replace("{topic}", topic),
            notes: self.random.percent(45).then(|| self.random.pick(NOTES).of(chinese).to_owned()),
            outcome: self.outcome(),
            people: self.people(occasion.means, day),
            staff: self.staff(occasion.means),
            next_step: self.random.percent(30).then(|| self.random.pick(NEXT_STEPS).of(chinese).to_owned()),
        };
        self.meetings.push(meeting);
    }

    /// Between nine and five where the customer sits, on the quarter of an hour.
    fn hour(&mut self, day: NaiveDate) -> DateTime<Utc> {
        let quarters = self.random.within(0..=32);
        midnight(day) + TimeDelta::hours(9 - self.customer.utc_offset) + TimeDelta::minutes(15 * quarters)
    }

    /// Not everyone judges every meeting; the judgements gather around how warm things are between us.
    fn outcome(&mut self) -> Option<i16> {
        if self.random.percent(12) {
            return None;
        }
        let mood = self.customer.warmth + self.random.within(-30..=30);
        Some(match mood {
            ..=5 => 0,
            6..=28 => 1,
            29..=52 => 2,
            53..=82 => 3,
            _ => 4,
        })
    }

    fn people(&mut self, means: Means, day: NaiveDate) -> Vec<ContactId> {
        let present = self.customer.people_on(day);
        let known = present.len() - present.len() * (100 - self.circle) / 100;
        let (lowest, count) = match means {
            Means::ExecutiveMeeting => (2, self.random.within(1..=3)),
            Means::AnnualMeeting | Means::Summit => (3, self.random.within(2..=6)),
            Means::CompanyVisit | Means::ShowcaseVisit | Means::ManagementStudy | Means::OnSiteMeeting => {
                (5, self.random.within(2..=5))
            }
            Means::TechnicalExchange | Means::Training | Means::ServiceForum => (5, self.random.within(2..=4)),
            Means::RoutineVisit | Means::Hotline | Means::SurveyVisit => (5, self.random.within(1..=2)),
        };
        let invited: Vec<ContactId> =
            present.iter().take(known).filter(|(_, level)| *level <= lowest).map(|(person, _)| *person).collect();
        self.random.some(&invited, count as usize)
    }

    fn staff(&mut self, means: Means) -> Vec<String> {
        let mut staff: Vec<String> = self.customer.new.owner.iter().cloned().collect();
        let companion = match means {
            Means::ExecutiveMeeting | Means::AnnualMeeting | Means::Summit => Some(Desk::Management),
            Means::TechnicalExchange | Means::OnSiteMeeting | Means::Training | Means::ShowcaseVisit => {
                Some(Desk::Engineering)
            }
            _ if self.random.percent(20) => Some(Desk::Engineering),
            _ => None,
        };
        staff.extend(companion.map(|desk| colleague(&mut self.random, desk).to_owned()));
        staff
    }
}

fn workday(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day - TimeDelta::days(1),
        Weekday::Sun => day + TimeDelta::days(1),
        _ => day,
    }
}
