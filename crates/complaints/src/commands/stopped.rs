use std::error::Error;

use chrono::TimeDelta;
use database::Id;
use uuid::Uuid;

/// Why work on many ended, and at which of them.
#[derive(Debug)]
pub(super) struct Stopped {
    at: Option<Id>,
    cause: database::Error,
}

/// One that was left out is tried again after this.
pub(super) const AGAIN: TimeDelta = TimeDelta::minutes(5);

impl Stopped {
    /// Whether it was at one of them, and is lasting.
    pub(super) fn is_of_one(&self) -> bool {
        self.at.is_some() && !self.cause.passes()
    }

    /// The one it was at, if the error is lasting: to be left out, so that it stops no other. The error itself where it is
    /// nobody's, or passes.
    pub(super) fn culprit(self, work: &str) -> Result<Id, database::Error> {
        match self.at {
            Some(id) if self.is_of_one() => {
                let (of, error): (Uuid, &dyn Error) = (id.get(), &self.cause);
                tracing::error!(%of, error, "{work} cannot be done for this one, and goes on without it");
                Ok(id)
            }
            Some(_) | None => Err(self.into_cause()),
        }
    }

    pub(super) fn into_cause(self) -> database::Error {
        self.cause
    }
}

impl From<database::Error> for Stopped {
    fn from(cause: database::Error) -> Self {
        Self { at: None, cause }
    }
}

/// Of an error that came up in the work on one of many.
pub(super) fn at(id: Id) -> impl FnOnce(database::Error) -> Stopped {
    move |cause| Stopped { at: Some(id), cause }
}
