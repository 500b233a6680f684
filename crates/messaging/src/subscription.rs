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

/// The same with events of one type, at least one, in the order of their subjects. A subject may come twice, and not in the
/// order of its sequences.
pub type HandlerOfMany = for<'a> fn(&'a mut Tx, &'a [&'a Envelope]) -> BoxFuture<'a, Result<(), Rejected>>;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Handling {
    Alone(Handler),
    Together(HandlerOfMany),
}

#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    pub event_type: &'static str,
    pub(crate) handling: Handling,
}

impl Subscription {
    /// Each event in a transaction of its own.
    #[must_use]
    pub const fn alone(event_type: &'static str, handler: Handler) -> Self {
        Self { event_type, handling: Handling::Alone(handler) }
    }

    /// Many events in one transaction, so that they are written in as many statements as one. For handlers that take locks in
    /// the order of the events' subjects, or in another that is always the same: two of these transactions cannot wait for
    /// each other in a circle.
    #[must_use]
    pub const fn together(event_type: &'static str, handler: HandlerOfMany) -> Self {
        Self { event_type, handling: Handling::Together(handler) }
    }
}
