//! Turns whatever failed into a complete problem document.

use std::sync::Arc;

use actix_web::{
    Error, HttpResponse,
    body::{BodySize, BoxBody, MessageBody as _},
    dev::ServiceResponse,
    error::InternalError,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
};
use problem::{CONTENT_TYPE, Failure, Language};

use crate::{refusal::Refusal, trace::Trace};

/// What a problem document needs to know of its request.
pub(crate) struct Asked {
    instance: String,
    trace: Arc<Trace>,
    language: Language,
}

impl Asked {
    pub(crate) fn new(path: &str, headers: &HeaderMap, trace: Arc<Trace>) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self { instance: path.to_owned(), trace, language: accepted.map(Language::accepted).unwrap_or_default() }
    }

    /// A failed response with its document complete; any other as it is.
    pub(crate) fn complete(&self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        if !response.status().is_client_error() && !response.status().is_server_error() {
            return response;
        }
        let (request, response) = response.into_parts();
        ServiceResponse::new(request, self.complete_response(response))
    }

    /// An error that no response was made of, as the error that makes the right one.
    pub(crate) fn complete_error(&self, error: Error) -> Error {
        let mut response = self.complete_response(HttpResponse::from_error(error));
        self.identify(response.headers_mut());
        InternalError::from_response("answered", response).into()
    }

    /// Tells the caller the id under which the log knows the request.
    pub(crate) fn identify(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(&self.trace.request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
    }

    fn complete_response(&self, mut response: HttpResponse<BoxBody>) -> HttpResponse<BoxBody> {
        let own = response.error().and_then(|error| error.as_error::<Failure>()).map(|f| f.problem(self.language));
        let document = match own {
            Some(document) => Some(document),
            None if is_foreign(&response) => None,
            None => Some(Failure::from(Refusal::Other(response.status().as_u16())).problem(self.language)),
        };
        let Some(mut document) = document else { return response };
        document.status = response.status().as_u16();
        document.instance = Some(self.instance.clone());
        document.trace_id = Some(self.trace.trace_id.clone());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.language.tag()));
        headers.remove(header::CONTENT_LENGTH);
        if document.status == 401 && !headers.contains_key(header::WWW_AUTHENTICATE) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let body = serde_json::to_vec(&document).unwrap_or_default();
        response.set_body(BoxBody::new(body))
    }
}

/// Whether someone else wrote the answer on purpose: a problem of a service behind a proxy, or any body that is not
/// just actix's text for one of its own errors.
fn is_foreign(response: &HttpResponse<BoxBody>) -> bool {
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|media| media.as_bytes().starts_with(CONTENT_TYPE.as_bytes()));
    let is_empty = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
    is_problem || (response.error().is_none() && !is_empty)
}
