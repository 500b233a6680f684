use chrono::{DateTime, Utc};
use registry_contract::{
    ConsentChannel, ConsentDecision, ConsentEntry, ConsentPurpose, ConsentReason, ConsentState, ContactChannel,
    NewConsent,
};

use super::faults::Faults;
use super::shape;

/// Holds an entry against every rule that needs no database; `now` is when it is recorded.
pub fn parse_consent(mut new: NewConsent, now: DateTime<Utc>) -> Result<NewConsent, Faults> {
    let mut faults = Faults::default();
    if new.decided_at.is_some_and(|at| at > now) {
        faults.add("/decided_at", "in-the-future", "must not be in the future");
    }
    faults.text("/source", &mut new.source, 200, &[shape::one_line]);
    faults.optional_text("/text_version", &mut new.text_version, 100, &[shape::one_line]);
    if new.decision == ConsentDecision::Granted && new.text_version.is_none() {
        faults.add("/text_version", "missing-field", "is required of a grant: which text was agreed to");
    }
    faults.optional_text("/evidence", &mut new.evidence, 500, &[shape::website]);
    faults.or(new)
}

/// What follows from a ledger for one purpose and channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict<'a> {
    pub reason: ConsentReason,
    /// The entry that decides.
    pub entry: Option<&'a ConsentEntry>,
}

impl Verdict<'_> {
    pub fn allowed(self) -> bool {
        self.reason == ConsentReason::Granted
    }
}

/// Whether the ledger allows an approach at an instant, in whatever order its entries arrived.
///
/// Without a grant there is no consent (PIPL art. 13, GDPR art. 6). An opt-out, withdrawal (PIPL art. 15, GDPR art. 7(3)) or
/// objection (PIPL art. 24 and 44, GDPR art. 21), stands against every grant for the purpose and channel, or for any. It is lifted only by
/// the person's later and own wish: a grant said after it, no broader than it, and with its own proof, which we would
/// have to show (GDPR art. 7(1)). Of two at the same instant the opt-out wins.
pub fn verdict(
    ledger: &[ConsentEntry],
    purpose: ConsentPurpose,
    channel: ContactChannel,
    at: DateTime<Utc>,
) -> Verdict<'_> {
    let said = ledger.iter().filter(|entry| entry.decided_at <= at && covers(entry, purpose, channel));
    let (grants, opt_outs): (Vec<_>, Vec<_>) = said.partition(|entry| entry.decision == ConsentDecision::Granted);
    let stands = |opt_out: &&ConsentEntry| !grants.iter().any(|grant| lifts(grant, opt_out));
    let latest = |entry: &&ConsentEntry| (entry.decided_at, entry.id);
    let deciding =
        opt_outs.into_iter().filter(stands).max_by_key(latest).or_else(|| grants.iter().copied().max_by_key(latest));
    let reason = deciding.map_or(ConsentReason::NeverGiven, |entry| match entry.decision {
        ConsentDecision::Granted => ConsentReason::Granted,
        ConsentDecision::Withdrawn => ConsentReason::Withdrawn,
        ConsentDecision::Objected => ConsentReason::Objected,
    });
    Verdict { reason, entry: deciding }
}

/// What follows for each purpose and channel that anything was said about.
pub fn effective(ledger: &[ConsentEntry], at: DateTime<Utc>) -> Vec<ConsentState> {
    let purposes = ConsentPurpose::ALL.iter().filter(|purpose| **purpose != ConsentPurpose::Any);
    let pairs = purposes.flat_map(|purpose| ContactChannel::ALL.iter().map(move |channel| (*purpose, *channel)));
    let state = |(purpose, channel)| {
        let verdict = verdict(ledger, purpose, channel, at);
        let decided_by = Some(verdict.entry?.id);
        Some(ConsentState { purpose, channel, allowed: verdict.allowed(), reason: verdict.reason, decided_by })
    };
    pairs.filter_map(state).collect()
}

fn covers(entry: &ConsentEntry, purpose: ConsentPurpose, channel: ContactChannel) -> bool {
    let for_purpose = entry.purpose == ConsentPurpose::Any || entry.purpose == purpose;
    for_purpose && (entry.channel == ConsentChannel::Any || entry.channel.as_str() == channel.as_str())
}

fn lifts(grant: &ConsentEntry, opt_out: &ConsentEntry) -> bool {
    let purpose_is_named = grant.purpose != ConsentPurpose::Any || opt_out.purpose == ConsentPurpose::Any;
    let channel_is_named = grant.channel != ConsentChannel::Any || opt_out.channel == ConsentChannel::Any;
    grant.decided_at > opt_out.decided_at && grant.evidence.is_some() && purpose_is_named && channel_is_named
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use registry_contract::{ContactId, CustomerId};
    use uuid::Uuid;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn entry(
        id: u128,
        hour: i64,
        decision: ConsentDecision,
        purpose: ConsentPurpose,
        channel: ConsentChannel,
        proof: bool,
    ) -> ConsentEntry {
        ConsentEntry {
            id: Uuid::from_u128(id).into(),
            contact_id: ContactId::from(Uuid::nil()),
            customer_id: CustomerId::from(Uuid::nil()),
            purpose,
            channel,
            decision,
            decided_at: at(hour),
            source: "form".into(),
            text_version: None,
            evidence: proof.then(|| "https://example.com/proof".into()),
            recorded_by: "user:1".into(),
            created_at: at(hour),
        }
    }

    fn for_marketing_by_email(ledger: &[ConsentEntry]) -> &'static str {
        verdict(ledger, ConsentPurpose::Marketing, ContactChannel::Email, at(100)).reason.as_str()
    }

    #[test]
    fn opt_out_wins_until_a_later_wish_with_proof() {
        use ConsentChannel::{Any as AnyChannel, Email, Sms};
        use ConsentDecision::{Granted, Objected, Withdrawn};
        use ConsentPurpose::{Any, Marketing, Survey};
        type Said = (i64, ConsentDecision, ConsentPurpose, ConsentChannel, bool);
        let cases: [(&[Said], &str); 16] = [
            (&[], "never_given"),
            (&[(1, Granted, Marketing, Email, false)], "granted"),
            (&[(1, Granted, Any, AnyChannel, false)], "granted"),
            (&[(1, Granted, Marketing, Sms, true), (1, Granted, Survey, Email, true)], "never_given"),
            (&[(1, Granted, Marketing, Email, true), (2, Withdrawn, Marketing, Email, false)], "withdrawn"),
            (&[(1, Granted, Marketing, Email, true), (2, Objected, Marketing, AnyChannel, false)], "objected"),
            (&[(1, Granted, Marketing, Email, true), (2, Objected, Any, Email, false)], "objected"),
            (&[(1, Granted, Marketing, Email, true), (2, Withdrawn, Marketing, Sms, false)], "granted"),
            (&[(1, Objected, Any, AnyChannel, false), (2, Granted, Marketing, Email, false)], "objected"),
            (&[(1, Objected, Any, AnyChannel, false), (2, Granted, Marketing, Email, true)], "granted"),
            (&[(1, Objected, Marketing, Email, false), (2, Granted, Any, Email, true)], "objected"),
            (&[(1, Objected, Marketing, Email, false), (2, Granted, Marketing, AnyChannel, true)], "objected"),
            (&[(1, Objected, Any, AnyChannel, false), (2, Granted, Any, AnyChannel, true)], "granted"),
            (&[(2, Objected, Marketing, Email, false), (2, Granted, Marketing, Email, true)], "objected"),
            (
                &[
                    (1, Objected, Marketing, Email, false),
                    (2, Granted, Marketing, Email, true),
                    (3, Withdrawn, Any, AnyChannel, false),
                ],
                "withdrawn",
            ),
            (&[(1, Granted, Marketing, Email, true), (101, Objected, Any, AnyChannel, false)], "granted"),
        ];
        for (said, expected) in cases {
            let entries = (0..).zip(said).map(|(id, (hour, decision, purpose, channel, proof))| {
                entry(id, *hour, *decision, *purpose, *channel, *proof)
            });
            assert_eq!(for_marketing_by_email(&entries.collect::<Vec<_>>()), expected, "{said:?}");
        }
    }

    #[test]
    fn the_effective_state_names_what_anything_was_said_about() {
        let ledger = [
            entry(1, 1, ConsentDecision::Granted, ConsentPurpose::Survey, ConsentChannel::Any, false),
            entry(2, 2, ConsentDecision::Objected, ConsentPurpose::Any, ConsentChannel::Sms, false),
        ];
        let states = effective(&ledger, at(100));
        // Surveys by seven channels, and SMS for the four other purposes.
        assert_eq!((states.len(), states.iter().filter(|state| state.allowed).count()), (11, 6));
        assert_eq!(effective(&ledger, at(0)), []);
    }

    #[test]
    fn an_entry_has_its_proof() {
        let new = NewConsent {
            purpose: ConsentPurpose::Marketing,
            channel: ConsentChannel::Email,
            decision: ConsentDecision::Granted,
            decided_at: Some(at(2)),
            source: " ".into(),
            text_version: None,
            evidence: Some("drawer 3".into()),
        };
        let faults = parse_consent(new.clone(), at(1)).expect_err("is wrong").into_vec();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/decided_at", "in-the-future"),
                ("/source", "blank"),
                ("/text_version", "missing-field"),
                ("/evidence", "bad-format")
            ]
        );
        let objection =
            NewConsent { decision: ConsentDecision::Objected, source: "call".into(), evidence: None, ..new };
        assert!(parse_consent(objection, at(2)).is_ok());
    }

    prop_compose! {
        fn some_entry()(
            id in 1..u128::MAX,
            hour in 0..8_i64,
            decision in prop::sample::select(ConsentDecision::ALL),
            purpose in prop::sample::select(&[ConsentPurpose::Marketing, ConsentPurpose::Survey, ConsentPurpose::Any][..]),
            channel in prop::sample::select(&[ConsentChannel::Email, ConsentChannel::Sms, ConsentChannel::Any][..]),
            proof in prop::bool::ANY,
        ) -> ConsentEntry {
            entry(id, hour, decision, purpose, channel, proof)
        }
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_decides_nothing(
            (ledger, shuffled) in prop::collection::vec(some_entry(), 0..12)
                .prop_flat_map(|ledger| (Just(ledger.clone()), Just(ledger).prop_shuffle()))
        ) {
            for (purpose, channel) in [(ConsentPurpose::Marketing, ContactChannel::Email), (ConsentPurpose::Survey, ContactChannel::Sms)] {
                let (one, other) = (verdict(&ledger, purpose, channel, at(9)), verdict(&shuffled, purpose, channel, at(9)));
                prop_assert_eq!(one, other);
            }
            prop_assert_eq!(effective(&ledger, at(9)), effective(&shuffled, at(9)));
        }

        #[test]
        fn an_opt_out_wins_wherever_it_arrives(
            mut ledger in prop::collection::vec(some_entry(), 0..12),
            place in 0..12_usize,
            decision in prop::sample::select(&[ConsentDecision::Withdrawn, ConsentDecision::Objected][..]),
            purpose in prop::sample::select(&[ConsentPurpose::Marketing, ConsentPurpose::Any][..]),
            channel in prop::sample::select(&[ConsentChannel::Email, ConsentChannel::Any][..]),
        ) {
            // Said last, wherever it arrives: no grant is later.
            let place = place.min(ledger.len());
            ledger.insert(place, entry(0, 8, decision, purpose, channel, false));
            prop_assert!(!verdict(&ledger, ConsentPurpose::Marketing, ContactChannel::Email, at(9)).allowed());
        }

        #[test]
        fn only_a_later_grant_with_proof_lifts_an_opt_out(
            mut ledger in prop::collection::vec(some_entry(), 0..12),
            hour in 0..8_i64,
        ) {
            for entry in &mut ledger {
                if entry.decided_at > at(hour) {
                    entry.evidence = None;
                }
            }
            ledger.push(entry(0, hour, ConsentDecision::Objected, ConsentPurpose::Marketing, ConsentChannel::Email, true));
            prop_assert!(!verdict(&ledger, ConsentPurpose::Marketing, ContactChannel::Email, at(9)).allowed());
        }

        #[test]
        fn another_opt_out_never_allows_more(ledger in prop::collection::vec(some_entry(), 0..12), mut more in some_entry()) {
            more.decision = ConsentDecision::Objected;
            let before = effective(&ledger, at(9));
            let after = effective(&[ledger, vec![more]].concat(), at(9));
            for state in after.iter().filter(|state| state.allowed) {
                prop_assert!(before.contains(state));
            }
        }
    }
}
