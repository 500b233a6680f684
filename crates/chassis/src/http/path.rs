use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use problem::{Failure, FieldError};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// Parameters of the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())).map_err(|_| {
            let names = request.match_info().iter().map(|(name, _)| format!("{{{name}}}"));
            let names = names.collect::<Vec<_>>().join("");
            Refusal::PathInvalid(vec![FieldError::new(names, "bad-format", "does not have the right form")]).into()
        }))
    }
}
