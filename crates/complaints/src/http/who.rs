use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use chassis::Caller;
use problem::Failure;

use crate::domain::Authority;

/// What the caller may do to complaints.
pub struct Who(pub Authority);

impl FromRequest for Who {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload).into_inner();
        ready(caller.map(|caller| Self(Authority::of(&caller.name, |permission| caller.can(permission)))))
    }
}
