use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{DeliveryOutcome, MessageState};

/// Claims of a message at most.
const ATTEMPTS: i32 = 8;

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
    /// After a report on a message that was claimed so often. Sent ones may still come back, or be confirmed; a report
    /// that says what is known already changes nothing.
    pub fn after(
        state: MessageState,
        attempts: i32,
        outcome: DeliveryOutcome,
        retry: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, NotExpected> {
        use {DeliveryOutcome as O, MessageState as S};
        let settled = |state| Ok(Self { state, available_at: None });
        match (state, outcome) {
            (S::Queued, _) | (S::Failed, O::Sent) | (S::Delivered, O::Sent | O::Failed) => {
                Err(NotExpected { state, outcome })
            }
            (S::Sending | S::Sent, O::Sent) => settled(S::Sent),
            (S::Sending | S::Sent | S::Delivered | S::Failed, O::Delivered) => settled(S::Delivered),
            (S::Sending | S::Sent, O::Failed) if retry && attempts < ATTEMPTS => {
                Ok(Self { state: S::Queued, available_at: Some(now + pause(attempts)) })
            }
            (S::Sending | S::Sent | S::Failed, O::Failed) => settled(S::Failed),
        }
    }
}

/// 2 minutes, 4, 8, up to 4 hours.
fn pause(attempts: i32) -> TimeDelta {
    TimeDelta::minutes(1 << attempts.clamp(1, ATTEMPTS)).min(TimeDelta::hours(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_leads_where_the_table_says() {
        use {DeliveryOutcome as O, MessageState as S};
        let now: DateTime<Utc> = "2026-03-04T01:30:00Z".parse().expect("an instant");
        let table = [
            (S::Queued, [None, None, None]),
            (S::Sending, [Some(S::Sent), Some(S::Delivered), Some(S::Failed)]),
            (S::Sent, [Some(S::Sent), Some(S::Delivered), Some(S::Failed)]),
            (S::Delivered, [None, Some(S::Delivered), None]),
            (S::Failed, [None, Some(S::Delivered), Some(S::Failed)]),
        ];
        for (state, row) in table {
            for (outcome, expected) in [O::Sent, O::Delivered, O::Failed].into_iter().zip(row) {
                let found = Delivery::after(state, 1, outcome, false, now);
                assert_eq!(found.ok().map(|found| found.state), expected, "{state} {outcome}");
            }
        }
        assert_eq!(table.len(), S::ALL.len());
    }

    #[test]
    fn what_fails_for_now_is_tried_later_and_later_and_then_given_up() {
        let now: DateTime<Utc> = "2026-03-04T01:30:00Z".parse().expect("an instant");
        let after = |attempts| Delivery::after(MessageState::Sending, attempts, DeliveryOutcome::Failed, true, now);
        let pauses: Vec<_> = (1..8)
            .map(|attempts| after(attempts).expect("allowed").available_at.expect("again") - now)
            .map(|pause| pause.num_minutes())
            .collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128]);
        assert_eq!(after(8), Ok(Delivery { state: MessageState::Failed, available_at: None }));
    }
}
