use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use registry_contract::{NewTierDecision, NewTierProposal, TierProposalState, TierVerdict};

use super::faults::Faults;
use super::local_day;

/// How far ahead a tier may be decided.
const MOST_DAYS_AHEAD: i64 = 731;

/// A proposal whose words and day are right, for a customer in a time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct TierProposalDetails(NewTierProposal);

impl TierProposalDetails {
    pub fn parse(mut new: NewTierProposal, time_zone: &str, now: DateTime<Utc>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/tier", &mut new.tier, 20, &[]);
        faults.text("/reason", &mut new.reason, 2000, &[]);
        if new.evidence.len() > 20 {
            faults.add("/evidence", "too-many", "has more than 20 items");
        }
        for (index, evidence) in new.evidence.iter_mut().enumerate() {
            faults.text(&format!("/evidence/{index}"), evidence, 500, &[]);
        }
        if let Some(day) = new.effective_from {
            let today = local_day::day_at(now, time_zone);
            if day < today || day > today + TimeDelta::days(MOST_DAYS_AHEAD) {
                faults.add(
                    "/effective_from",
                    "out-of-range",
                    "must be today or within two years, where the customer is",
                );
            }
        }
        faults.or(Self(new))
    }

    pub fn into_inner(self) -> NewTierProposal {
        self.0
    }
}

/// A decision that says why where it must.
pub fn parse_decision(mut new: NewTierDecision) -> Result<NewTierDecision, Faults> {
    let mut faults = Faults::default();
    faults.optional_text("/reason", &mut new.reason, 2000, &[]);
    if new.verdict == TierVerdict::Reject && new.reason.is_none() {
        faults.add("/reason", "missing", "is needed to reject");
    }
    faults.or(new)
}

/// Why an act on a proposal is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// It is no longer in a state that allows it.
    Done(TierProposalState),
    /// Nobody approves or rejects what he has proposed himself.
    Own,
    /// The decider said something else before.
    Decided,
    /// A key or the system is nobody who decides.
    NoPerson,
    /// Only who proposed it, or may decide, takes it back.
    Others,
}

/// What is decided about a proposal, and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Deliberation {
    pub proposer: String,
    pub approvals_needed: usize,
    pub effective_from: Option<NaiveDate>,
    /// Where the customer is.
    pub time_zone: String,
    pub decisions: Vec<(String, TierVerdict)>,
    pub state: TierProposalState,
    pub effective_at: Option<DateTime<Utc>>,
}

impl Deliberation {
    /// What was just proposed. A tier that needs no approvals is approved with it.
    #[must_use]
    pub fn begin(mut self, now: DateTime<Utc>) -> Self {
        self.settle(now);
        self
    }

    /// Counts a decision. The same said again by the same person changes nothing, whatever the state; `false` then.
    pub fn decide(&mut self, decider: &str, verdict: TierVerdict, now: DateTime<Utc>) -> Result<bool, Objection> {
        if !decider.starts_with("user:") {
            return Err(Objection::NoPerson);
        }
        if decider == self.proposer {
            return Err(Objection::Own);
        }
        match self.decisions.iter().find(|(person, _)| person == decider) {
            Some((_, before)) if *before == verdict => return Ok(false),
            Some(_) => return Err(Objection::Decided),
            None => {}
        }
        if self.state != TierProposalState::Open {
            return Err(Objection::Done(self.state));
        }
        self.decisions.push((decider.to_owned(), verdict));
        match verdict {
            TierVerdict::Reject => self.state = TierProposalState::Rejected,
            TierVerdict::Approve => self.settle(now),
        }
        Ok(true)
    }

    /// Takes the proposal back, also when it is approved but not in effect yet.
    pub fn withdraw(&mut self, who: &str, may_decide: bool) -> Result<(), Objection> {
        if who != self.proposer && !may_decide {
            return Err(Objection::Others);
        }
        match self.state {
            TierProposalState::Open | TierProposalState::Approved => {
                self.state = TierProposalState::Withdrawn;
                Ok(())
            }
            TierProposalState::InEffect
            | TierProposalState::Rejected
            | TierProposalState::Withdrawn
            | TierProposalState::Superseded => Err(Objection::Done(self.state)),
        }
    }

    /// Whether the tier is to be given now. Only once: afterwards the proposal is in effect.
    pub fn take_effect(&mut self, now: DateTime<Utc>) -> bool {
        let due = self.state == TierProposalState::Approved && self.effective_at.is_some_and(|at| at <= now);
        if due {
            self.state = TierProposalState::InEffect;
        }
        due
    }

    fn settle(&mut self, now: DateTime<Utc>) {
        let approvals = self.decisions.iter().filter(|(_, verdict)| *verdict == TierVerdict::Approve).count();
        if approvals >= self.approvals_needed {
            self.state = TierProposalState::Approved;
            let start = self.effective_from.map(|day| local_day::start_of(day, &self.time_zone));
            self.effective_at = Some(start.map_or(now, |start| start.max(now)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn proposed(approvals_needed: usize, effective_from: Option<&str>) -> Deliberation {
        Deliberation {
            proposer: "user:0".into(),
            approvals_needed,
            effective_from: effective_from.map(|day| day.parse().expect("a day")),
            time_zone: "Asia/Shanghai".into(),
            decisions: vec![],
            state: TierProposalState::Open,
            effective_at: None,
        }
        .begin(at("2026-03-04T00:00:00Z"))
    }

    #[test]
    fn approvals_are_counted_by_person() {
        let now = at("2026-03-04T01:00:00Z");
        let mut it = proposed(2, None);
        assert_eq!(it.decide("user:0", TierVerdict::Approve, now), Err(Objection::Own));
        assert_eq!(it.decide("key:1", TierVerdict::Approve, now), Err(Objection::NoPerson));
        assert_eq!(it.decide("system", TierVerdict::Approve, now), Err(Objection::NoPerson));
        assert_eq!(it.decide("user:1", TierVerdict::Approve, now), Ok(true));
        assert_eq!(it.decide("user:1", TierVerdict::Approve, now), Ok(false));
        assert_eq!(it.decide("user:1", TierVerdict::Reject, now), Err(Objection::Decided));
        assert_eq!(it.state, TierProposalState::Open);
        assert_eq!(it.decide("user:2", TierVerdict::Approve, now), Ok(true));
        assert_eq!((it.state, it.effective_at), (TierProposalState::Approved, Some(now)));
        assert_eq!(it.decide("user:3", TierVerdict::Reject, now), Err(Objection::Done(TierProposalState::Approved)));
        assert!(it.take_effect(now) && !it.take_effect(now), "once");
    }

    #[test]
    fn a_future_day_begins_where_the_customer_is() {
        let mut it = proposed(1, Some("2026-03-06"));
        it.decide("user:1", TierVerdict::Approve, at("2026-03-04T01:00:00Z")).expect("may");
        assert_eq!(it.effective_at, Some(at("2026-03-05T16:00:00Z")));
        assert!(!it.take_effect(at("2026-03-05T15:59:59Z")));
        assert!(it.take_effect(at("2026-03-05T16:00:00Z")));
    }

    #[test]
    fn a_day_that_passed_before_the_last_approval_means_at_once() {
        let mut it = proposed(1, Some("2026-03-04"));
        let late = at("2026-03-20T01:00:00Z");
        it.decide("user:1", TierVerdict::Approve, late).expect("may");
        assert_eq!(it.effective_at, Some(late));
    }

    #[test]
    fn who_may_take_a_proposal_back() {
        assert_eq!(proposed(1, None).withdraw("user:1", false), Err(Objection::Others));
        assert_eq!(proposed(1, None).withdraw("user:1", true), Ok(()));
        let mut it = proposed(0, Some("2026-03-06"));
        assert_eq!(it.state, TierProposalState::Approved);
        assert_eq!(it.withdraw("user:0", false), Ok(()));
        assert!(!it.take_effect(at("2026-04-01T00:00:00Z")));
        assert_eq!(it.withdraw("user:0", false), Err(Objection::Done(TierProposalState::Withdrawn)));
    }

    #[test]
    fn a_proposal_names_all_its_faults() {
        let new = |tier: &str, reason: &str, evidence: &[&str], day: Option<&str>| NewTierProposal {
            customer_id: registry_contract::CustomerId::new(),
            tier: tier.into(),
            reason: reason.into(),
            evidence: evidence.iter().map(|&text| text.into()).collect(),
            effective_from: day.map(|day| day.parse().expect("a day")),
        };
        // It is the 5th in Shanghai already.
        let now = at("2026-03-04T16:00:00Z");
        for (proposal, pointers) in [
            (new("A", "grows", &["order 7"], Some("2026-03-05")), vec![]),
            (new(" ", " ", &[" "], Some("2026-03-04")), vec!["/tier", "/reason", "/evidence/0", "/effective_from"]),
            (new("A", "grows", &[], Some("2028-03-06")), vec!["/effective_from"]),
        ] {
            let faults = TierProposalDetails::parse(proposal, "Asia/Shanghai", now).err().unwrap_or_default();
            let found: Vec<_> = faults.as_slice().iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointers);
        }
        let silent = NewTierDecision { verdict: TierVerdict::Reject, reason: None };
        assert_eq!(parse_decision(silent).expect_err("needs a reason").as_slice()[0].pointer, "/reason");
    }

    #[derive(Debug, Clone)]
    enum Move {
        Decide(u8, bool),
        Withdraw(u8, bool),
        Wait(i64),
    }

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let one = prop_oneof![
            4 => (0..5_u8, prop::bool::weighted(0.8)).prop_map(|(who, approve)| Move::Decide(who, approve)),
            1 => (0..5_u8, any::<bool>()).prop_map(|(who, may)| Move::Withdraw(who, may)),
            3 => (0..40_i64).prop_map(Move::Wait),
        ];
        prop::collection::vec(one, 0..25)
    }

    proptest! {
        /// Whatever people do in whatever order: no tier without its approvals, none by who proposed it, none twice, none
        /// before its day, none after a rejection or withdrawal.
        #[test]
        fn no_sequence_of_acts_gives_a_tier_without_its_approvals(
            needed in 0..4_usize, ahead in prop::option::of(0..60_u64), moves in moves()
        ) {
            let mut now = at("2026-03-04T00:00:00Z");
            let day = ahead.map(|days| local_day::day_at(now, "Asia/Shanghai") + chrono::Days::new(days));
            let mut it = proposed(needed, None);
            it = Deliberation { effective_from: day, state: TierProposalState::Open, effective_at: None, ..it }.begin(now);
            let (mut approvers, mut ended, mut given) = (HashSet::new(), false, 0);
            for step in moves {
                match step {
                    Move::Decide(who, approve) => {
                        let verdict = if approve { TierVerdict::Approve } else { TierVerdict::Reject };
                        if it.decide(&format!("user:{who}"), verdict, now) == Ok(true) {
                            prop_assert_ne!(who, 0, "nobody decides on his own");
                            prop_assert!(!ended);
                            if approve { approvers.insert(who); } else { ended = true; }
                        }
                    }
                    Move::Withdraw(who, may) => {
                        if it.withdraw(&format!("user:{who}"), may).is_ok() {
                            prop_assert!(given == 0 && (who == 0 || may));
                            ended = true;
                        }
                    }
                    Move::Wait(hours) => now += TimeDelta::hours(hours),
                }
                if it.take_effect(now) {
                    given += 1;
                    prop_assert!(approvers.len() >= needed && !approvers.contains(&0));
                    prop_assert!(!ended, "given after a rejection or withdrawal");
                    prop_assert!(day.is_none_or(|day| local_day::start_of(day, "Asia/Shanghai") <= now));
                }
            }
            prop_assert!(given <= 1);
        }
    }
}
