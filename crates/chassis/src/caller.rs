use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use chrono::Utc;
use problem::Failure;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{refusal::Refusal, trace::Trace};

/// Who calls, as the gateway has established it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// `user:<uuid>` or `key:<uuid>`.
    pub id: String,
    pub name: String,
    pub roles: Vec<String>,
    pub permissions: Vec<String>,
}

impl Caller {
    #[must_use]
    pub fn can(&self, permission: &str) -> bool {
        self.permissions.iter().any(|own| own == permission)
    }
}

impl FromRequest for Caller {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Arc<Self>>().map(|caller| Self::clone(caller));
        ready(caller.ok_or_else(|| Refusal::TokenMissing.into()))
    }
}

/// The id that the request's `Idempotency-Key` reserved.
#[derive(Clone, Copy)]
pub(crate) struct ReservedId(pub(crate) Uuid);

/// The [`messaging::Act`] of a request: by its caller, in its trace, now. `&act` is what commands take.
#[derive(Debug)]
pub struct Act(messaging::Act);

impl Deref for Act {
    type Target = messaging::Act;

    fn deref(&self) -> &messaging::Act {
        &self.0
    }
}

impl FromRequest for Act {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let actor = extensions.get::<Arc<Caller>>().map_or("anonymous", |caller| caller.id.as_str());
        let traceparent = extensions.get::<Arc<Trace>>().map(|trace| trace.traceparent());
        let act = messaging::Act::new(actor, traceparent, Utc::now());
        ready(Ok(Self(match extensions.get::<ReservedId>() {
            Some(ReservedId(id)) => act.reserving(*id),
            None => act,
        })))
    }
}
