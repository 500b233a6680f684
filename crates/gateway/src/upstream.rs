//! Requests to services.

use std::time::Duration;

use actix_web::{HttpMessage, HttpRequest};
use bytes::Bytes;
use chassis::Trace;
use chrono::Utc;
use reqwest::{
    Client, Method, Request, Response, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use std::sync::Arc;

use crate::{callers::Identity, error::Error, gateway::Gateway, services::Service};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// A client for services; keeps connections, so it is built once.
pub fn client(services: &[Service]) -> Result<Client, reqwest::Error> {
    chassis::install_crypto();
    let builder = Client::builder()
        .connect_timeout(CONNECT_WITHIN)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .tcp_nodelay(true);
    let encrypted = services.iter().any(|service| service.url.starts_with("https:"));
    // Without TLS there is no need to read the system's certificates, which a small image does not even have.
    let builder = if encrypted { builder } else { builder.tls_certs_only([]) };
    builder.build()
}

/// A request in the name of `identity`, in the trace of `origin`.
pub fn request(
    gateway: &Gateway,
    identity: Option<&Identity>,
    origin: &HttpRequest,
    service: &Service,
    method: Method,
    path_and_query: &str,
) -> Result<Request, Error> {
    let url = Url::parse(&format!("{}{path_and_query}", service.url)).map_err(|_| Error::PathUnknown)?;
    let mut request = Request::new(method, url);
    let headers = request.headers_mut();
    if let Some(identity) = identity {
        let token = identity.tokens.bearer(&gateway.signer, &identity.caller, service.name, Utc::now())?;
        headers.insert(AUTHORIZATION, token);
    }
    trace(origin, headers);
    Ok(request)
}

fn trace(origin: &HttpRequest, headers: &mut HeaderMap) {
    let extensions = origin.extensions();
    let Some(trace) = extensions.get::<Arc<Trace>>() else { return };
    for (name, value) in [(REQUEST_ID, trace.request_id.as_str()), (TRACEPARENT, &trace.traceparent())] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// Sends a request; the answer's head must come within `limit`.
pub async fn send(
    client: &Client,
    service: &'static str,
    request: Request,
    limit: Duration,
) -> Result<Response, Error> {
    match tokio::time::timeout(limit, client.execute(request)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failed(service, error)),
        Err(_) => Err(Error::ServiceTimeout { service }),
    }
}

/// The whole body, which must come within `limit`.
pub async fn body(service: &'static str, answer: Response, limit: Duration) -> Result<Bytes, Error> {
    match tokio::time::timeout(limit, answer.bytes()).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => Err(failed(service, error)),
        Err(_) => Err(Error::ServiceTimeout { service }),
    }
}

/// Addresses stay out of it: queries may hold what people searched for.
fn failed(service: &'static str, error: reqwest::Error) -> Error {
    let source = Some(error.without_url());
    match &source {
        Some(error) if error.is_connect() => Error::ServiceUnavailable { service, source },
        Some(error) if error.is_timeout() => Error::ServiceTimeout { service },
        _ => Error::ServiceBroke { service, source },
    }
}
