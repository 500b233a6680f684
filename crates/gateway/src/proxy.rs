//! Every request that is not the gateway's own: find its operation, let it in or not, pass it on.

use std::{io, pin::pin, sync::Arc, time::Duration};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::{StatusCode, header},
    web,
};
use bytes::{Bytes, BytesMut};
use chassis::Trace;
use futures::{
    SinkExt, StreamExt,
    channel::mpsc,
    future::{Either, select},
};
use problem::Failure;
use reqwest::{Body, Response};

use crate::{
    admission,
    callers::Identity,
    error::Error,
    gateway::Gateway,
    limits::Client,
    routing::{Operation, Owner, Resource, canonical},
    services::Service,
    upstream,
};

/// The largest body that is not of a streamed type.
const BODY_LIMIT: usize = 1024 * 1024;
/// Answers up to this size are passed on in one piece, which costs less than a stream.
const SMALL: u64 = 256 * 1024;
/// Chunks of an upload under way between the two connections.
const CHUNKS: usize = 8;
/// An upload may take this long.
const UPLOAD_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Headers that concern one connection only (RFC 9110, section 7.6.1), and those that end at the gateway.
const NOT_FORWARDED: [&str; 16] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "host",
    "authorization",
    "x-api-key",
    "cookie",
    "x-request-id",
    "traceparent",
];
const NOT_RETURNED: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "set-cookie",
    "x-request-id",
];

/// The default service: whatever no route of the gateway's own matches.
pub async fn forward(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
) -> Result<HttpResponse, Failure> {
    let identity = admission::identity(&request);
    let path = canonical(request.path()).ok_or(Error::PathUnknown)?;
    let catalogue = gateway.services.catalogue();
    let resource = catalogue.table.find(&path).ok_or(Error::PathUnknown)?;
    if let Some(trace) = request.extensions().get::<Arc<Trace>>() {
        trace.name_route(&resource.template);
    }
    let Some(operation) = resource.operation(request.method()) else { return Ok(method_not_allowed(resource)) };
    admission::authorise(identity.as_deref(), &operation.access)?;
    let Owner::Service(index) = operation.owner else {
        return Err(Error::PathUnknown.into());
    };
    if identity.is_none() {
        let visitor = Client::Address(admission::address(&request));
        gateway.visitors.count(&visitor).map_err(Error::TooManyRequests)?;
    }
    let service = &gateway.services.all[index];
    let answer = ask(&request, payload, &path, identity.as_deref(), operation, service, &gateway).await?;
    Ok(pass_back(service.name, answer, gateway.answer_within).await?)
}

fn method_not_allowed(resource: &Resource) -> HttpResponse {
    let allowed = resource.allowed();
    let allow = header::HeaderValue::from_str(&allowed);
    let mut response = HttpResponse::from_error(Failure::from(Error::MethodNotAllowed { allowed }));
    if let Ok(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

async fn ask(
    request: &HttpRequest,
    payload: web::Payload,
    path: &str,
    identity: Option<&Identity>,
    operation: &Operation,
    service: &Service,
    gateway: &Gateway,
) -> Result<Response, Error> {
    let target = match request.query_string() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes()).map_err(|_| Error::PathUnknown)?;
    let mut onward = upstream::request(gateway, identity, request, service, method, &target)?;
    copy_headers(request, onward.headers_mut());
    if operation.streams(content_type(request)) {
        let (sender, receiver) = mpsc::channel(CHUNKS);
        *onward.body_mut() = Some(Body::wrap_stream(receiver));
        let answer = pin!(upstream::send(&gateway.client, service.name, onward, UPLOAD_WITHIN));
        return match select(answer, pin!(upload(payload, sender))).await {
            // The service need not take all of it to answer.
            Either::Left((answer, _)) => answer,
            Either::Right(((), answer)) => answer.await,
        };
    }
    if has_body(request) {
        onward.headers_mut().remove(reqwest::header::CONTENT_LENGTH);
        *onward.body_mut() = Some(Body::from(whole(request, payload).await?));
    }
    upstream::send(&gateway.client, service.name, onward, gateway.answer_within).await
}

fn copy_headers(request: &HttpRequest, onward: &mut reqwest::header::HeaderMap) {
    let named = named_by_connection(request.headers().get_all(header::CONNECTION));
    for (name, value) in request.headers() {
        let name = name.as_str();
        if NOT_FORWARDED.contains(&name) || named.iter().any(|other| other == name) {
            continue;
        }
        let name = reqwest::header::HeaderName::from_bytes(name.as_bytes());
        let value = reqwest::header::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            onward.append(name, value);
        }
    }
}

/// Headers that `Connection` declares to be for this connection only.
fn named_by_connection<'a>(values: impl Iterator<Item = &'a header::HeaderValue>) -> Vec<String> {
    let names = values.filter_map(|value| value.to_str().ok()).flat_map(|names| names.split(','));
    names.map(|name| name.trim().to_ascii_lowercase()).collect()
}

fn content_type(request: &HttpRequest) -> &str {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.split(';').next()).unwrap_or_default().trim()
}

fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(header::TRANSFER_ENCODING) || content_length(request).is_some_and(|length| length > 0)
}

fn content_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn whole(request: &HttpRequest, mut payload: web::Payload) -> Result<Bytes, Error> {
    let too_large = || Error::BodyTooLarge { limit: BODY_LIMIT };
    let announced = content_length(request).unwrap_or_default();
    if announced > BODY_LIMIT {
        return Err(too_large());
    }
    let mut body = BytesMut::with_capacity(announced);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::BodyBroken)?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Hands a payload on, chunk by chunk: it stays on its thread, the other connection need not.
async fn upload(mut payload: web::Payload, mut sender: mpsc::Sender<Result<Bytes, io::Error>>) {
    while let Some(chunk) = payload.next().await {
        let broken = chunk.is_err();
        if sender.send(chunk.map_err(io::Error::other)).await.is_err() || broken {
            break;
        }
    }
}

async fn pass_back(service: &'static str, answer: Response, limit: Duration) -> Result<HttpResponse, Error> {
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponseBuilder::new(status);
    for (name, value) in answer.headers() {
        if !NOT_RETURNED.contains(&name.as_str()) {
            response.append_header((name.as_str(), value.as_bytes()));
        }
    }
    match answer.content_length() {
        Some(length) if length <= SMALL => Ok(response.body(upstream::body(service, answer, limit).await?)),
        Some(length) => Ok(response.body(SizedStream::new(length, answer.bytes_stream()))),
        None => Ok(response.streaming(answer.bytes_stream())),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_concerns_one_connection_or_the_gateway_stays_here() {
        let request = TestRequest::get()
            .insert_header(("authorization", "Bearer gs_1"))
            .insert_header(("x-api-key", "gx_1"))
            .insert_header(("connection", "close, X-Hop"))
            .append_header(("connection", "x-second-hop"))
            .insert_header(("x-hop", "1"))
            .insert_header(("x-second-hop", "1"))
            .insert_header(("te", "trailers"))
            .insert_header(("if-match", "\"7\""))
            .insert_header(("idempotency-key", "k"))
            .to_http_request();
        let mut onward = reqwest::header::HeaderMap::new();
        copy_headers(&request, &mut onward);
        let mut names: Vec<&str> = onward.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["idempotency-key", "if-match"]);
    }

    #[test]
    fn a_media_type_is_read_without_its_parameters() {
        let request = TestRequest::post().insert_header(("content-type", "text/csv; charset=utf-8")).to_http_request();
        assert_eq!(content_type(&request), "text/csv");
    }
}
