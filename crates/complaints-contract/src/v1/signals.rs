//! What the others are told of signals.

use chrono::{DateTime, Utc};
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::events;

use crate::{ComplaintId, Detector, Signal, SignalId, SignalState, Verdict};

pub const SIGNAL_CHANGED: &str = "complaints.signal.changed.v1";

/// A signal as other services know it: neither whom it concerns at the customer nor a word that people wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignalFact {
    pub signal_id: SignalId,
    pub customer_id: CustomerId,
    /// Version of the signal; a greater one replaces a lesser one. Not every version is told.
    pub sequence: i64,
    pub detector: Detector,
    pub state: SignalState,
    /// User name of the customer's owner: whom to tell of it.
    pub owner: Option<String>,
    /// 0 to 100.
    pub confidence: i16,
    pub found_at: DateTime<Utc>,
    pub verdict: Option<Verdict>,
    pub complaint_id: Option<ComplaintId>,
}

events! {
    /// A signal was found, got another owner, was judged, went along with a merge of customers, or a complaint was made of it;
    /// also what a republication sends.
    SignalChanged(SignalFact) = SIGNAL_CHANGED, signal_id;
}

impl From<&Signal> for SignalChanged {
    fn from(signal: &Signal) -> Self {
        Self(SignalFact {
            signal_id: signal.id,
            customer_id: signal.customer_id,
            sequence: signal.version,
            detector: signal.detector,
            state: signal.state,
            owner: signal.owner.clone(),
            confidence: signal.confidence,
            found_at: signal.found_at,
            verdict: signal.verdict,
            complaint_id: signal.complaint_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wire::assert_golden;

    use super::*;
    use crate::v1::GOLDEN;

    fn id(text: &str) -> Uuid {
        text.parse().expect("a UUID")
    }

    #[test]
    fn the_golden_file_of_signals_is_what_is_sent() {
        assert_golden!(
            GOLDEN,
            SignalChanged(SignalFact {
                signal_id: id("019a0000-0000-7000-8000-0000000000f1").into(),
                customer_id: id("019a0000-0000-7000-8000-000000000001").into(),
                sequence: 3,
                detector: Detector::OverduePayments,
                state: SignalState::Registered,
                owner: Some("li.wei".to_owned()),
                confidence: 75,
                found_at: "2026-03-04T01:30:00Z".parse().expect("an instant"),
                verdict: Some(Verdict::True),
                complaint_id: Some(id("019a0000-0000-7000-8000-0000000000c1").into()),
            })
        );
    }
}
