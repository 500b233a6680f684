use database::Tx;
use futures::future::BoxFuture;

use crate::Envelope;

/// Why a handler did not take an event.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// Trying again cannot help: to the dead letters at once.
    #[error("{0}")]
    Poison(String),
    /// Not now: again after a delay.
    #[error("{0}")]
    Retry(String),
    /// Again after a delay; an unreachable database is waited for instead, since the event is not at fault.
    #[error(transparent)]
    Database(#[from] database::Error),
}

impl Rejected {
    /// For the log: the reason itself may quote what the event holds.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Poison(_) => "poison",
            Self::Retry(_) => "retry",
            Self::Database(_) => "database",
        }
    }
}

/// What a service does with an event, inside the transaction that also records the event as seen.
pub type Handler = for<'a> fn(&'a mut Tx, &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>>;

#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    pub event_type: &'static str,
    pub handler: Handler,
}
