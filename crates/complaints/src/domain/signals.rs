//! How signals follow from what detectors find, from verdicts, and from merges of customers.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use complaints_contract::{ComplaintId, Detector, Signal, SignalId, SignalState, Verdict};
use registry_contract::{ContactId, CustomerId};

use super::detectors::{Finding, MOST_EVIDENCE};

/// What is open once at a time for a customer.
pub type About = (Detector, Option<ContactId>);

#[must_use]
pub fn about(signal: &Signal) -> About {
    (signal.detector, signal.contact_id)
}

/// What a detector that is switched on has to say of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub detector: Detector,
    pub rule_version: i64,
    pub threshold: i64,
    pub findings: Vec<Finding>,
}

/// Whose signals they are.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    pub customer: CustomerId,
    pub owner: Option<&'a str>,
}

/// What becomes of signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Raised(Signal),
    /// One that is open follows the facts. It is told to others only when it is for another owner.
    Renewed {
        signal: Signal,
        owner_changed: bool,
    },
}

/// What becomes of a customer's signals by what the detectors say. What is open is renewed; what was judged is raised again
/// only by grounds that were not there then.
#[must_use]
pub fn follow(
    before: &[Signal],
    looked: &[Looked],
    whose: Whose<'_>,
    at: DateTime<Utc>,
    mut new_id: impl FnMut() -> SignalId,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let open = |key: About| before.iter().find(move |signal| signal.state == SignalState::Open && about(signal) == key);
    for Looked { detector, rule_version, threshold, findings } in looked {
        for finding in findings.iter().filter(|finding| open((*detector, finding.contact)).is_none()) {
            if is_new(before, *detector, finding) {
                changes.push(Change::Raised(Signal {
                    id: new_id(),
                    detector: *detector,
                    customer_id: whose.customer,
                    contact_id: finding.contact,
                    state: SignalState::Open,
                    owner: whose.owner.map(str::to_owned),
                    measured: finding.measured,
                    threshold: *threshold,
                    rule_version: *rule_version,
                    confidence: finding.confidence,
                    evidence: finding.evidence.clone(),
                    found_at: at,
                    eased_at: None,
                    verdict: None,
                    note: None,
                    judged_at: None,
                    judged_by: None,
                    complaint_id: None,
                    version: 1,
                    updated_at: at,
                }));
            }
        }
    }
    let renewed = |signal: &Signal| {
        let next = renewed(signal, looked, whose.owner, at);
        let owner_changed = next.owner != signal.owner;
        (next != *signal).then(|| Change::Renewed {
            signal: Signal { version: signal.version + 1, updated_at: at, ..next },
            owner_changed,
        })
    };
    changes.extend(before.iter().filter(|signal| signal.state == SignalState::Open).filter_map(renewed));
    changes
}

/// One that is open, as the detectors see it now. Of one that is switched off nothing new is known.
fn renewed(signal: &Signal, looked: &[Looked], owner: Option<&str>, at: DateTime<Utc>) -> Signal {
    let next = Signal { owner: owner.map(str::to_owned), ..signal.clone() };
    let Some(by) = looked.iter().find(|looked| looked.detector == signal.detector) else { return next };
    match by.findings.iter().find(|finding| finding.contact == signal.contact_id) {
        None => Signal { eased_at: Some(signal.eased_at.unwrap_or(at)), ..next },
        Some(finding) => Signal {
            measured: finding.measured,
            threshold: by.threshold,
            rule_version: by.rule_version,
            confidence: finding.confidence,
            evidence: finding.evidence.clone(),
            eased_at: None,
            ..next
        },
    }
}

/// Whether there is anything that nobody has judged yet.
fn is_new(before: &[Signal], detector: Detector, finding: &Finding) -> bool {
    let judged: Vec<_> = before
        .iter()
        .filter(|signal| about(signal) == (detector, finding.contact))
        .filter(|signal| matches!(signal.state, SignalState::Judged | SignalState::Registered))
        .collect();
    let known: HashSet<_> = judged.iter().flat_map(|signal| &signal.evidence).map(|fact| fact.reference).collect();
    // Of more than was kept, only what is later can be told to be new.
    let full = judged.iter().filter(|signal| signal.evidence.len() == MOST_EVIDENCE);
    let latest = full.flat_map(|signal| &signal.evidence).map(|fact| fact.at).max();
    let is_news = |at: DateTime<Utc>| latest.is_none_or(|latest| at > latest);
    judged.is_empty() || finding.grounds.iter().any(|fact| !known.contains(&fact.reference) && is_news(fact.at))
}

/// What a person says of a signal, as long as no complaint was made of it.
///
/// # Errors
/// The state in which it takes no verdict.
pub fn judge(
    signal: &Signal,
    verdict: Verdict,
    note: Option<String>,
    by: &str,
    at: DateTime<Utc>,
) -> Result<Signal, SignalState> {
    match signal.state {
        SignalState::Open | SignalState::Judged => Ok(Signal {
            state: SignalState::Judged,
            verdict: Some(verdict),
            note,
            judged_at: Some(at),
            judged_by: Some(by.to_owned()),
            version: signal.version + 1,
            updated_at: at,
            ..signal.clone()
        }),
        state @ (SignalState::Registered | SignalState::Superseded) => Err(state),
    }
}

/// A complaint was made of the signal; nothing where it was not found true.
#[must_use]
pub fn register(signal: &Signal, complaint: ComplaintId, at: DateTime<Utc>) -> Option<Signal> {
    (signal.state == SignalState::Judged && signal.verdict == Some(Verdict::True)).then(|| Signal {
        state: SignalState::Registered,
        complaint_id: Some(complaint),
        version: signal.version + 1,
        updated_at: at,
        ..signal.clone()
    })
}

/// A signal that goes along with its customer, or comes back with it (`home`), to where some are open already. Theirs stand;
/// what comes back stands again.
#[must_use]
pub fn moved(signal: &Signal, to: CustomerId, home: bool, open: &mut HashSet<About>, at: DateTime<Utc>) -> Signal {
    let stands = match signal.state {
        SignalState::Open => true,
        SignalState::Superseded => home,
        SignalState::Judged | SignalState::Registered => false,
    };
    let state = match signal.state {
        SignalState::Open | SignalState::Superseded if stands && open.insert(about(signal)) => SignalState::Open,
        SignalState::Open | SignalState::Superseded => SignalState::Superseded,
        judged @ (SignalState::Judged | SignalState::Registered) => judged,
    };
    Signal { customer_id: to, state, version: signal.version + 1, updated_at: at, ..signal.clone() }
}

#[cfg(test)]
mod tests {
    use complaints_contract::{Evidence, FactKind};
    use uuid::Uuid;

    use super::*;

    fn at(minute: u32) -> DateTime<Utc> {
        format!("2026-03-04T01:{minute:02}:00Z").parse().expect("an instant")
    }

    fn facts(numbers: impl IntoIterator<Item = u32>) -> Vec<Evidence> {
        let fact = |number: u32| Evidence {
            kind: FactKind::Invoice,
            reference: Uuid::from_u128(number.into()),
            at: at(0) + chrono::TimeDelta::minutes(number.into()),
        };
        let mut facts: Vec<_> = numbers.into_iter().map(fact).collect();
        facts.reverse();
        facts.truncate(MOST_EVIDENCE);
        facts
    }

    fn looked(numbers: impl IntoIterator<Item = u32> + Clone) -> Vec<Looked> {
        let finding = Finding {
            contact: None,
            measured: 40,
            confidence: 50,
            evidence: facts(numbers.clone()),
            grounds: facts(numbers),
        };
        found(vec![finding])
    }

    fn found(findings: Vec<Finding>) -> Vec<Looked> {
        vec![Looked { detector: Detector::OverduePayments, rule_version: 1, threshold: 30, findings }]
    }

    const OWNER: Option<&str> = Some("li.wei");

    fn whose(owner: Option<&str>) -> Whose<'_> {
        Whose { customer: Uuid::from_u128(1).into(), owner }
    }

    fn after(before: &[Signal], looked: &[Looked], owner: Option<&str>, minute: u32) -> Vec<Change> {
        follow(before, looked, whose(owner), at(minute), || Uuid::from_u128(7).into())
    }

    fn raised(numbers: impl IntoIterator<Item = u32> + Clone) -> Signal {
        match after(&[], &looked(numbers), OWNER, 1).as_slice() {
            [Change::Raised(signal)] => signal.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn judged(signal: &Signal, verdict: Verdict) -> Signal {
        judge(signal, verdict, None, "user:1", at(2)).expect("a verdict")
    }

    #[test]
    fn one_that_is_open_follows_the_facts_and_is_never_doubled() {
        let signal = raised([1, 2]);
        assert_eq!((signal.state, signal.owner.as_deref(), signal.measured), (SignalState::Open, OWNER, 40));
        let before = [signal.clone()];
        assert_eq!(after(&before, &looked([1, 2]), OWNER, 5), []);
        let renewed = |looked: &[Looked], owner| match after(&before, looked, owner, 5).as_slice() {
            [Change::Renewed { signal, owner_changed }] => (signal.clone(), *owner_changed),
            other => panic!("{other:?}"),
        };
        let (more, told) = renewed(&looked([1, 2, 3]), OWNER);
        assert_eq!((more.id, more.evidence.len(), more.version, told), (signal.id, 3, 2, false));
        let (eased, told) = renewed(&found(vec![]), OWNER);
        assert_eq!((eased.eased_at, eased.state, told), (Some(at(5)), SignalState::Open, false));
        assert_eq!(after(std::slice::from_ref(&eased), &found(vec![]), OWNER, 9), []);
        let (other, told) = renewed(&looked([1, 2]), Some("wang.fang"));
        assert_eq!((other.owner.as_deref(), told), (Some("wang.fang"), true));
        // Switched off, the detector says nothing, and what it said stands.
        assert_eq!(after(&before, &[], OWNER, 5), []);
    }

    #[test]
    fn what_was_judged_is_raised_again_only_by_what_is_new() {
        for verdict in Verdict::ALL {
            let before = [judged(&raised([1, 2]), *verdict)];
            assert_eq!(after(&before, &looked([1, 2]), OWNER, 5), [], "{verdict}");
            assert_eq!(after(&before, &looked([2]), OWNER, 5), [], "{verdict}");
            assert!(
                matches!(after(&before, &looked([1, 2, 3]), OWNER, 5).as_slice(), [Change::Raised(_)]),
                "{verdict}"
            );
        }
        // What an earlier verdict was about is known, too.
        let before = [judged(&raised([1, 2]), Verdict::False), judged(&raised([3]), Verdict::Unclear)];
        assert_eq!(after(&before, &looked([1, 2, 3]), OWNER, 5), []);
    }

    #[test]
    fn of_more_than_is_kept_only_what_is_later_is_new() {
        let before = [judged(&raised(1..=60), Verdict::False)];
        assert_eq!(after(&before, &looked(1..=59), OWNER, 5), []);
        assert!(matches!(after(&before, &looked(1..=61), OWNER, 5).as_slice(), [Change::Raised(_)]));
    }

    #[test]
    fn each_state_takes_what_it_may() {
        let open = raised([1]);
        let complaint = ComplaintId::from(Uuid::from_u128(3));
        for (signal, verdict, registers) in [
            (open.clone(), Ok(SignalState::Judged), false),
            (judged(&open, Verdict::True), Ok(SignalState::Judged), true),
            (judged(&open, Verdict::False), Ok(SignalState::Judged), false),
            (judged(&open, Verdict::Unclear), Ok(SignalState::Judged), false),
            (Signal { state: SignalState::Superseded, ..open.clone() }, Err(SignalState::Superseded), false),
            (
                Signal { state: SignalState::Registered, ..judged(&open, Verdict::True) },
                Err(SignalState::Registered),
                false,
            ),
        ] {
            let judged = judge(&signal, Verdict::Unclear, None, "user:1", at(3)).map(|signal| signal.state);
            assert_eq!(judged, verdict, "{signal:?}");
            assert_eq!(register(&signal, complaint, at(3)).is_some(), registers, "{signal:?}");
        }
    }

    #[test]
    fn after_a_merge_one_stands_and_what_comes_back_stands_again() {
        let to = CustomerId::from(Uuid::from_u128(2));
        let open = raised([1]);
        let superseded = Signal { state: SignalState::Superseded, ..open.clone() };
        let closed = judged(&open, Verdict::False);
        let key = about(&open);
        for (signal, home, taken, state) in [
            (&open, false, false, SignalState::Open),
            (&open, false, true, SignalState::Superseded),
            (&open, true, true, SignalState::Superseded),
            (&superseded, false, false, SignalState::Superseded),
            (&superseded, true, false, SignalState::Open),
            (&superseded, true, true, SignalState::Superseded),
            (&closed, false, false, SignalState::Judged),
        ] {
            let mut taken: HashSet<About> = taken.then_some(key).into_iter().collect();
            let moved = moved(signal, to, home, &mut taken, at(9));
            assert_eq!(
                (moved.state, moved.customer_id, moved.version),
                (state, to, signal.version + 1),
                "{signal:?} {home}"
            );
        }
    }
}
