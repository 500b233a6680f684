use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{DeliveryOutcome, MessageState, NewDelivery};

/// Claims of a message at most.
pub const ATTEMPTS: i32 = 8;

/// Why a message failed that was claimed so often, with no word of the last claim.
pub const NO_REPORT: &str = "no report came";

/// Why a message failed that was not sent yet when whoever complained was erased.
pub const ERASED: &str = "whoever complained was erased";

/// Characters that are kept of why a message failed.
const FAILURE: usize = 500;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    pub state: MessageState,
    /// From when on it may be claimed again.
    pub available_at: Option<DateTime<Utc>>,
}

/// A report of a message that asks for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message that is {state} does not become {outcome}")]
pub struct NotExpected {
    pub state: MessageState,
    pub outcome: DeliveryOutcome,
}

impl Delivery {
    /// Nobody claims it again.
    pub const GIVEN_UP: Self = Self { state: MessageState::Failed, available_at: None };

    /// After a report on a message that was claimed so often; `None` where the report changes nothing, as it says what is
    /// known already, or tells of the failure of a claim that is somebody else's now. Sent ones may still come back, or
    /// be confirmed. What was sent was sent, whatever was said meanwhile: it is not sent again.
    pub fn after(
        state: MessageState,
        attempts: i32,
        report: &NewDelivery,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, NotExpected> {
        use {DeliveryOutcome as O, MessageState as S};
        let (outcome, retry) = (report.outcome, report.retry.unwrap_or(false));
        if outcome == O::Failed && report.attempts.is_some_and(|reported| reported < attempts) {
            return Ok(None);
        }
        let settled = |state| Ok(Some(Self { state, available_at: None }));
        match (state, outcome) {
            (S::Sent, O::Sent) | (S::Delivered, O::Delivered) | (S::Failed, O::Failed) => Ok(None),
            (S::Queued, O::Failed) if retry => Ok(None),
            (S::Queued, O::Failed) | (S::Delivered, O::Sent | O::Failed) => Err(NotExpected { state, outcome }),
            (S::Queued | S::Sending | S::Failed, O::Sent) => settled(S::Sent),
            (S::Queued | S::Sending | S::Sent | S::Failed, O::Delivered) => settled(S::Delivered),
            (S::Sending | S::Sent, O::Failed) if retry && attempts < ATTEMPTS => {
                Ok(Some(Self { state: S::Queued, available_at: Some(now + pause(attempts)) }))
            }
            (S::Sending | S::Sent, O::Failed) => settled(S::Failed),
        }
    }
}

/// 2 minutes, 4, 8, up to 4 hours.
fn pause(attempts: i32) -> TimeDelta {
    TimeDelta::minutes(1 << attempts.clamp(1, ATTEMPTS)).min(TimeDelta::hours(4))
}

/// As much of a failure as is kept, without what is not seen. Mail servers write it, not whoever reports: were it refused,
/// the report would never get through.
#[must_use]
pub fn kept_failure(said: &str) -> Option<String> {
    let seen = |letter: char| if letter.is_control() && letter != '\n' { ' ' } else { letter };
    let text: String = said.replace("\r\n", "\n").chars().map(seen).collect();
    let kept: String = text.trim().chars().take(FAILURE).collect();
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcome: DeliveryOutcome) -> NewDelivery {
        NewDelivery { outcome, failure: None, retry: None, attempts: None }
    }

    fn now() -> DateTime<Utc> {
        "2026-03-04T01:30:00Z".parse().expect("an instant")
    }

    #[test]
    fn every_report_leads_where_the_table_says() {
        use {DeliveryOutcome as O, MessageState as S};
        type Leads = Result<Option<S>, ()>;
        let to = |state| -> Leads { Ok(Some(state)) };
        let same: Leads = Ok(None);
        let refused: Leads = Err(());
        let table = [
            (S::Queued, [to(S::Sent), to(S::Delivered), refused]),
            (S::Sending, [to(S::Sent), to(S::Delivered), to(S::Failed)]),
            (S::Sent, [same, to(S::Delivered), to(S::Failed)]),
            (S::Delivered, [refused, same, refused]),
            (S::Failed, [to(S::Sent), to(S::Delivered), same]),
        ];
        for (state, row) in table {
            for (outcome, expected) in [O::Sent, O::Delivered, O::Failed].into_iter().zip(row) {
                let found = Delivery::after(state, 1, &report(outcome), now());
                let found = found.map(|found| found.map(|delivery| delivery.state)).map_err(|_| ());
                assert_eq!(found, expected, "{state} {outcome}");
            }
        }
        assert_eq!(table.len(), S::ALL.len());
    }

    #[test]
    fn a_failure_of_an_earlier_claim_changes_nothing() {
        for state in MessageState::ALL {
            for retry in [None, Some(true)] {
                let late = NewDelivery { retry, attempts: Some(1), ..report(DeliveryOutcome::Failed) };
                assert_eq!(Delivery::after(*state, 2, &late, now()), Ok(None), "{state}");
            }
        }
        let sent = NewDelivery { attempts: Some(1), ..report(DeliveryOutcome::Sent) };
        let after = Delivery::after(MessageState::Sending, 2, &sent, now());
        assert_eq!(after, Ok(Some(Delivery { state: MessageState::Sent, available_at: None })));
    }

    #[test]
    fn what_fails_for_now_is_tried_later_and_later_and_then_given_up() {
        let again = NewDelivery { retry: Some(true), ..report(DeliveryOutcome::Failed) };
        let after = |attempts| Delivery::after(MessageState::Sending, attempts, &again, now()).expect("allowed");
        let pauses: Vec<_> = (1..8)
            .map(|attempts| after(attempts).expect("a change").available_at.expect("again") - now())
            .map(|pause| pause.num_minutes())
            .collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128]);
        assert_eq!(after(8), Some(Delivery::GIVEN_UP));
        assert_eq!(Delivery::after(MessageState::Queued, 1, &again, now()), Ok(None), "said before");
    }

    #[test]
    fn a_failure_is_cut_and_cleaned() {
        for (said, kept) in [
            ("550 no such user", Some("550 no such user")),
            (" 550\u{7}no\tsuch\r\nuser\r\n", Some("550 no such\nuser")),
            (" \u{1b} ", None),
        ] {
            assert_eq!(kept_failure(said).as_deref(), kept, "{said:?}");
        }
        assert_eq!(kept_failure(&"满".repeat(600)), Some("满".repeat(500)));
    }
}
