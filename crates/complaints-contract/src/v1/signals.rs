//! What the others are told of signals.

use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Event;

use crate::{ComplaintId, Detector, Signal, SignalId, Verdict};

pub const SIGNAL_CHANGED: &str = "complaints.signal.changed.v1";

/// A signal as other services know it. Whom it concerns at the customer is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignalFact {
    pub signal_id: SignalId,
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub detector: Detector,
    /// 0 to 100.
    pub confidence: i16,
    pub verdict: Option<Verdict>,
    pub complaint_id: Option<ComplaintId>,
}

/// A signal was found or judged, or a complaint was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct SignalChanged(pub SignalFact);

impl From<&Signal> for SignalChanged {
    fn from(signal: &Signal) -> Self {
        Self(SignalFact {
            signal_id: signal.id,
            customer_id: signal.customer_id,
            sequence: signal.version,
            detector: signal.detector,
            confidence: signal.confidence,
            verdict: signal.verdict,
            complaint_id: signal.complaint_id,
        })
    }
}

impl Event for SignalChanged {
    const TYPE: &'static str = SIGNAL_CHANGED;

    fn subject(&self) -> Uuid {
        self.0.signal_id.into()
    }

    fn sequence(&self) -> i64 {
        self.0.sequence
    }
}
