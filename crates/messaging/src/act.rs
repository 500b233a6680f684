use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::Envelope;

/// Who does something, when, and in which trace. Every command takes one, and `at` is its "now".
#[derive(Debug)]
pub struct Act {
    /// `user:<id>`, `key:<id>` or `system`.
    pub actor: String,
    /// W3C trace context of the request or event that led here.
    pub traceparent: Option<String>,
    pub at: DateTime<Utc>,
    pub(crate) is_bulk: bool,
    reserved: Mutex<Option<Uuid>>,
}

impl Act {
    #[must_use]
    pub fn new(actor: impl Into<String>, traceparent: Option<String>, at: DateTime<Utc>) -> Self {
        Self { actor: actor.into(), traceparent, at: wire::truncate(at), is_bulk: false, reserved: Mutex::new(None) }
    }

    /// Something the product does by itself.
    #[must_use]
    pub fn system(at: DateTime<Utc>) -> Self {
        Self::new("system", None, at)
    }

    /// What a consumer does because of an event: by the system, in the event's trace.
    #[must_use]
    pub fn following(envelope: &Envelope, at: DateTime<Utc>) -> Self {
        Self::new("system", envelope.traceparent.clone(), at)
    }

    /// One of thousands done at once: its events wait behind those of single acts.
    #[must_use]
    pub fn in_bulk(self) -> Self {
        Self { is_bulk: true, ..self }
    }

    /// Sets the id that an `Idempotency-Key` reserved, so that a repeated request creates the same thing.
    #[must_use]
    pub fn reserving(self, id: Uuid) -> Self {
        Self { reserved: Mutex::new(Some(id)), ..self }
    }

    /// The reserved id the first time, a fresh UUIDv7 afterwards.
    pub fn new_id(&self) -> Uuid {
        self.reserved.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(Uuid::now_v7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_id_is_given_once() {
        let id = Uuid::now_v7();
        let act = Act::system(Utc::now()).reserving(id);
        assert_eq!(act.new_id(), id);
        assert_ne!(act.new_id(), id);
    }
}
