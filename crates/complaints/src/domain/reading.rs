//! Clocks as they stand: what was promised, and how much of it is used up. A pure function of the history, of the rules
//! that counted and of the instant that is asked for.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{Clock, Role};

use super::Calendar;
use super::moments::{Moment, Nonsense, Pause, Spell, Spells, Stop};
use super::rulebook::{Rulebook, Version};
use super::sla::{Step, Target};

/// How every clock of a complaint stands, or stood, by its history until then.
pub fn clocks(history: &[Moment], rules: &Rulebook, as_of: DateTime<Utc>) -> Result<Vec<Reading>, Nonsense> {
    Ok(Spells::of(history, as_of)?.readings(rules, as_of))
}

impl Spells {
    /// How every clock stands, by clock and run; clocks that nothing is promised for are left out.
    #[must_use]
    pub fn readings(&self, rules: &Rulebook, as_of: DateTime<Utc>) -> Vec<Reading> {
        let mut readings: Vec<_> = self.judged(rules, as_of).map(|judged| judged.reading()).collect();
        readings.sort_by_key(|reading| (reading.clock, reading.run));
        readings
    }

    /// What is kept of every clock, by clock and run.
    #[must_use]
    pub fn dues(&self, rules: &Rulebook, as_of: DateTime<Utc>) -> Vec<Due> {
        let mut dues: Vec<_> = self.judged(rules, as_of).map(|judged| judged.due()).collect();
        dues.sort_by_key(|due| (due.clock, due.run));
        dues
    }

    /// The next step to escalate on every running clock, by who has been told already. A clock that waits for the
    /// customer has none.
    #[must_use]
    pub fn plan(&self, rules: &Rulebook, as_of: DateTime<Utc>, fired: &BTreeSet<Fired>) -> Vec<Planned> {
        self.running(rules, as_of).filter_map(|judged| judged.next_step(fired)).collect()
    }

    /// The steps that are to be taken by `now`, the earliest first; `fired` has them afterwards.
    pub fn take_steps(
        &self,
        rules: &Rulebook,
        as_of: DateTime<Utc>,
        now: DateTime<Utc>,
        fired: &mut BTreeSet<Fired>,
    ) -> Vec<Planned> {
        let mut taken = vec![];
        for judged in self.running(rules, as_of) {
            while let Some(step) = judged.next_step(fired).filter(|step| step.at <= now) {
                fired.insert((step.clock, step.run, step.percent));
                taken.push(step);
            }
        }
        taken.sort_by_key(|step| (step.at, step.percent));
        taken
    }

    fn running<'a>(&'a self, rules: &'a Rulebook, as_of: DateTime<Utc>) -> impl Iterator<Item = Judged<'a>> {
        self.judged(rules, as_of).filter(|judged| judged.spell.stopped.is_none())
    }

    fn judged<'a>(&'a self, rules: &'a Rulebook, as_of: DateTime<Utc>) -> impl Iterator<Item = Judged<'a>> {
        self.spells.iter().filter_map(move |spell| self.judge(spell, rules, as_of))
    }

    /// A stopped clock is judged by what counted when it stopped, a running one by what counts now.
    fn judge<'a>(&'a self, spell: &'a Spell, rules: &'a Rulebook, as_of: DateTime<Utc>) -> Option<Judged<'a>> {
        let end = spell.stopped.map_or(as_of, |(at, _)| at);
        let policy = rules.policy(end)?;
        let rank = self.rank(end);
        let target = policy.value.target(spell.clock, rank)?;
        let calendar = match &target.calendar {
            Some(code) => Some(rules.calendar(code, end)?),
            None => None,
        };
        let mut judged = Judged {
            spell,
            end,
            policy: policy.number,
            steps: policy.value.steps(spell.clock, rank),
            target,
            calendar,
            segments: vec![],
            paused: vec![],
            waits: false,
        };
        judged.cut(&self.pauses);
        Some(judged)
    }
}

/// What is due next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    pub clock: Clock,
    pub at: DateTime<Utc>,
}

/// What is due next.
#[must_use]
pub fn next_of(dues: &[Due]) -> Option<&Due> {
    let running = dues.iter().filter(|due| due.stopped.is_none() && due.due_at.is_some());
    running.min_by_key(|due| (due.due_at, due.clock))
}

/// Who has been told: clock, run and percent.
pub type Fired = (Clock, i32, i32);

/// A step of the ladder that is to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub clock: Clock,
    pub run: i32,
    pub percent: i32,
    pub at: DateTime<Utc>,
    pub recipients: Vec<Role>,
    pub propose_executive_contact: bool,
}

/// How a clock stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub clock: Clock,
    pub run: i32,
    pub policy: i64,
    /// Code and version.
    pub calendar: Option<(String, i64)>,
    pub target: TimeDelta,
    pub started_at: DateTime<Utc>,
    /// Unknown while it waits for the customer, unless it has passed before.
    pub due_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
    /// Whether it stopped because nothing is owed any more.
    pub moot: bool,
    pub paused: Vec<Pause>,
    pub elapsed: TimeDelta,
    pub breached: bool,
}

impl Reading {
    #[must_use]
    pub fn remaining(&self) -> TimeDelta {
        (self.target - self.elapsed).max(TimeDelta::zero())
    }
}

/// How a clock stands, without what grows as it runs: to add up the working time of years takes long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub clock: Clock,
    pub run: i32,
    pub policy: i64,
    pub target: TimeDelta,
    pub started_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    /// When it stopped, and the time that had passed on it.
    pub stopped: Option<(DateTime<Utc>, TimeDelta)>,
    pub moot: bool,
    /// Whether the promise was kept, where that is over.
    pub kept: Option<bool>,
}

/// A run of a clock with all that it is read by.
struct Judged<'a> {
    spell: &'a Spell,
    end: DateTime<Utc>,
    policy: i64,
    steps: Vec<Step>,
    target: Target,
    calendar: Option<&'a Version<Calendar>>,
    /// In which it ran; the last one may be empty.
    segments: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    paused: Vec<Pause>,
    /// Whether it waits for the customer at its end.
    waits: bool,
}

impl Judged<'_> {
    fn cut(&mut self, pauses: &[Pause]) {
        let mut from = self.spell.started_at;
        let stopped = self.spell.stopped.is_some();
        for (begin, until) in pauses {
            // A pause that begins as the clock stops is none of its own.
            let begins = if stopped { *begin < self.end } else { *begin <= self.end };
            if !begins || until.is_some_and(|until| until <= from) {
                continue;
            }
            if *begin > from {
                self.segments.push((from, *begin));
            }
            let until = until.filter(|until| *until <= self.end);
            self.paused.push(((*begin).max(self.spell.started_at), until));
            self.waits = until.is_none();
            from = until.unwrap_or(self.end);
        }
        if !self.waits {
            self.segments.push((from, self.end));
        }
    }

    fn add(&self, from: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
        self.calendar.map_or_else(|| from + time, |calendar| calendar.value.add(from, time))
    }

    fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        self.calendar.map_or_else(|| to - from, |calendar| calendar.value.between(from, to))
    }

    /// When this much of its time is used up, if it just runs on. One that waits does not; one that has stopped while it
    /// waited would have run on from there.
    fn reaches(&self, time: TimeDelta) -> Option<DateTime<Utc>> {
        let mut left = time;
        let last = self.segments.len().wrapping_sub(1);
        for (place, (from, to)) in self.segments.iter().enumerate() {
            if place == last && !self.waits {
                return Some(self.add(*from, left));
            }
            let used = self.between(*from, *to);
            if used >= left {
                return Some(self.add(*from, left));
            }
            left -= used;
        }
        self.spell.stopped.map(|(at, _)| self.add(at, left))
    }

    fn elapsed(&self) -> TimeDelta {
        self.segments.iter().map(|(from, to)| self.between(*from, *to)).sum()
    }

    fn is_moot(&self) -> bool {
        matches!(self.spell.stopped, Some((_, Stop::Moot)))
    }

    fn due(&self) -> Due {
        let due_at = self.reaches(self.target.time);
        let breached = due_at.is_some_and(|due| self.end > due);
        Due {
            clock: self.spell.clock,
            run: self.spell.run,
            policy: self.policy,
            target: self.target.time,
            started_at: self.spell.started_at,
            due_at,
            stopped: self.spell.stopped.map(|(at, _)| (at, self.elapsed())),
            moot: self.is_moot(),
            kept: self.spell.stopped.and((breached || !self.is_moot()).then_some(!breached)),
        }
    }

    fn reading(&self) -> Reading {
        let due_at = self.reaches(self.target.time);
        let code = self.target.calendar.clone();
        Reading {
            clock: self.spell.clock,
            run: self.spell.run,
            policy: self.policy,
            calendar: code.zip(self.calendar.map(|calendar| calendar.number)),
            target: self.target.time,
            started_at: self.spell.started_at,
            due_at,
            stopped_at: self.spell.stopped.map(|(at, _)| at),
            moot: self.is_moot(),
            paused: self.paused.clone(),
            elapsed: self.elapsed(),
            breached: due_at.is_some_and(|due| self.end > due),
        }
    }

    fn next_step(&self, fired: &BTreeSet<Fired>) -> Option<Planned> {
        let (clock, run) = (self.spell.clock, self.spell.run);
        let of_this_run = fired.range((clock, run, i32::MIN)..=(clock, run, i32::MAX));
        let highest = of_this_run.map(|(_, _, percent)| *percent).max().unwrap_or(0);
        // A lower step that a new policy brings is none after a higher one; what is escalated at once may come late.
        let is_next = |step: &&Step| {
            !fired.contains(&(clock, run, step.percent)) && (step.percent == 0 || step.percent > highest)
        };
        let step = self.steps.iter().find(is_next)?;
        let at = self.reaches(self.target.time * step.percent / 100)?;
        Some(Planned {
            clock,
            run,
            percent: step.percent,
            at,
            recipients: step.recipients.clone(),
            propose_executive_contact: step.propose_executive_contact,
        })
    }
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use complaints_contract::{AtOnce, LadderStep, NewCalendar, NewSlaPolicy, SlaRow, SlaTarget, Weekday, WeeklyHours};
    use registry_contract::Tier;

    use super::*;
    use crate::domain::Severity;
    use crate::domain::moments::What;
    use crate::domain::sla::{Policy, Rank};

    pub(super) fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    pub(super) fn start() -> DateTime<Utc> {
        at("2026-03-04T01:30:00Z")
    }

    pub(super) fn office(from: &str, to: &str) -> Calendar {
        let days = Weekday::ALL[..5].to_vec();
        let new = NewCalendar {
            name: "Office".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
            always_open: false,
            hours: vec![WeeklyHours { days, from: from.to_owned(), to: to.to_owned() }],
            holidays: vec![],
            exceptions: vec![],
        };
        Calendar::parse(&new).expect("a calendar")
    }

    /// `factor` times 60 minutes to acknowledge, 120 working minutes to respond, and so on; critical ones half of it.
    pub(super) fn policy(factor: i64) -> Policy {
        let target = |minutes: i64, working: bool| {
            Some(SlaTarget { minutes: minutes * factor, calendar: working.then(|| "office".to_owned()) })
        };
        let row = |severity, share: i64| SlaRow {
            tier: None,
            severity,
            kind: None,
            acknowledge: target(60 / share, false),
            first_response: target(120 / share, true),
            containment: target(240 / share, true),
            next_update: target(180 / share, false),
            resolution: target(1200 / share, true),
        };
        let new = NewSlaPolicy {
            name: "Test".to_owned(),
            rows: vec![row(None, 1), row(Some(1), 2)],
            ladder: [50, 75, 100, 150].map(|percent| LadderStep { percent, recipients: vec![Role::Lead] }).to_vec(),
            at_once: vec![AtOnce {
                tier: Some(Tier::S),
                severity: Some(1),
                recipients: vec![Role::ExecutiveSponsor],
                propose_executive_contact: true,
            }],
        };
        Policy::parse(&new, &["office".to_owned()].into()).expect("a policy")
    }

    pub(super) fn version<T>(number: i64, from: DateTime<Utc>, value: T) -> Version<T> {
        Version { number, from, value }
    }

    pub(super) fn rules() -> Rulebook {
        let mut rules = Rulebook::default();
        rules.add_policy(version(1, DateTime::UNIX_EPOCH, policy(1)));
        rules.add_calendar("office", version(1, DateTime::UNIX_EPOCH, office("09:00", "17:00")));
        rules
    }

    pub(super) fn rank(tier: Tier, severity: Severity) -> Rank {
        Rank { tier: Some(tier), severity, kind: None }
    }

    pub(super) fn history(acts: &[(i64, What)]) -> Vec<Moment> {
        let received = Moment { at: start(), what: What::Received(rank(Tier::B, Severity::Major)) };
        let acts = acts
            .iter()
            .map(|(minutes, what)| Moment { at: start() + TimeDelta::minutes(*minutes), what: what.clone() });
        [received].into_iter().chain(acts).collect()
    }

    fn read(history: &[Moment], rules: &Rulebook, minutes: i64, clock: Clock) -> Reading {
        let readings = clocks(history, rules, start() + TimeDelta::minutes(minutes)).expect("readings");
        readings.into_iter().rfind(|reading| reading.clock == clock).expect("the clock")
    }

    impl Reading {
        pub(super) fn kept(&self) -> Option<bool> {
            match (self.breached, self.stopped_at) {
                (true, _) => Some(false),
                (false, Some(_)) if !self.moot => Some(true),
                (false, _) => None,
            }
        }
    }

    fn minutes(reading: &Reading) -> (Option<i64>, i64, bool) {
        let due = reading.due_at.map(|due| (due - start()).num_minutes());
        (due, reading.elapsed.num_minutes(), reading.breached)
    }

    #[test]
    fn a_clock_runs_pauses_and_stops() {
        let waits =
            [(30, What::Acknowledged), (60, What::WaitingForCustomer), (90, What::Resumed), (200, What::Responded)];
        let history = history(&waits);
        let respond = |minute| minutes(&read(&history, &rules(), minute, Clock::FirstResponse));
        // It began at 9:30 in Shanghai.
        assert_eq!(respond(0), (Some(120), 0, false));
        assert_eq!(respond(59), (Some(120), 59, false));
        assert_eq!(respond(60), (None, 60, false));
        assert_eq!(respond(89), (None, 60, false));
        assert_eq!(respond(90), (Some(150), 60, false));
        assert_eq!(respond(150), (Some(150), 120, false));
        assert_eq!(respond(151), (Some(150), 121, true));
        assert_eq!(respond(200), (Some(150), 170, true));
        assert_eq!(respond(9999), (Some(150), 170, true));
        let acknowledge = read(&history, &rules(), 9999, Clock::Acknowledge);
        assert_eq!((minutes(&acknowledge), acknowledge.kept()), ((Some(60), 30, false), Some(true)));
        let update = read(&history, &rules(), 201, Clock::NextUpdate);
        assert_eq!((update.run, minutes(&update)), (2, (Some(380), 1, false)));
    }

    #[test]
    fn what_is_not_owed_any_more_is_neither_kept_nor_missed() {
        let history = history(&[(30, What::Ended)]);
        let kept = |minute, clock| read(&history, &rules(), minute, clock).kept();
        assert_eq!(kept(9999, Clock::Acknowledge), None);
        let late = self::history(&[(61, What::Ended)]);
        assert_eq!(read(&late, &rules(), 9999, Clock::Acknowledge).kept(), Some(false));
    }

    #[test]
    fn a_graver_complaint_was_always_so_but_what_had_stopped_stays_judged() {
        let graver = What::Ranked(rank(Tier::B, Severity::Critical));
        let history = history(&[(50, What::Acknowledged), (70, graver)]);
        assert_eq!(minutes(&read(&history, &rules(), 69, Clock::FirstResponse)).0, Some(120));
        assert_eq!(minutes(&read(&history, &rules(), 70, Clock::FirstResponse)), (Some(60), 70, true));
        assert_eq!(minutes(&read(&history, &rules(), 70, Clock::Acknowledge)), (Some(60), 50, false));
    }

    #[test]
    fn a_new_policy_or_calendar_counts_from_the_beginning_of_what_still_runs() {
        let mut rules = rules();
        let noon = start() + TimeDelta::minutes(150);
        rules.add_policy(version(2, noon, policy(3)));
        rules.add_calendar("office", version(2, noon, office("09:00", "10:00")));
        let history = history(&[(40, What::Acknowledged)]);
        assert_eq!(minutes(&read(&history, &rules, 149, Clock::FirstResponse)), (Some(120), 149, true));
        // 30 minutes until 10:00 of the first day, then 60 a day: the last 30 are on the Thursday after.
        let day = 24 * 60;
        assert_eq!(minutes(&read(&history, &rules, 150, Clock::FirstResponse)), (Some(8 * day), 30, false));
        assert_eq!(minutes(&read(&history, &rules, 150, Clock::Acknowledge)), (Some(60), 40, false));
    }

    #[test]
    fn the_ladder_is_climbed_step_by_step_and_at_once_for_the_gravest() {
        let history = history(&[(10, What::Ranked(rank(Tier::S, Severity::Critical)))]);
        let spells = Spells::of(&history, start() + TimeDelta::minutes(10)).expect("spells");
        let now = start() + TimeDelta::minutes(10);
        let next = |fired: &[Fired]| {
            let plan = spells.plan(&rules(), now, &fired.iter().copied().collect());
            let step = plan.into_iter().find(|step| step.clock == Clock::Resolution);
            step.map(|step| (step.percent, (step.at - start()).num_minutes(), step.propose_executive_contact))
        };
        let fired = |percent| (Clock::Resolution, 1, percent);
        assert_eq!(next(&[]), Some((0, 0, true)));
        assert_eq!(next(&[fired(0)]), Some((50, 300, false)));
        // From 9:30 to 17:00 there are 450 minutes; 600 end the next morning at 11:30.
        assert_eq!(next(&[fired(0), fired(50)]), Some((75, 450, false)));
        assert_eq!(next(&[fired(0), fired(50), fired(75)]), Some((100, 24 * 60 + 120, false)));
        assert_eq!(next(&[fired(50)]), Some((0, 0, true)));
        assert_eq!(next(&[fired(0), fired(100)]), Some((150, 24 * 60 + 420, false)));
        assert_eq!(next(&[fired(0), fired(150)]), None);
    }
}
