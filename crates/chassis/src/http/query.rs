use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use problem::{Failure, FieldError};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// Parameters of the query. Unknown names and wrong values have been refused before, by the operation's own
/// parameters in the OpenAPI document, so that several of these can share one query.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = web::Query::<T>::from_query(request.query_string());
        ready(parsed.map(|query| Self(query.into_inner())).map_err(|error| {
            let fault = FieldError::new("?", "bad-format", error.to_string());
            Refusal::QueryInvalid(vec![fault]).into()
        }))
    }
}
