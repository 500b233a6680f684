//! `Idempotency-Key` on POST: the same request again gets the first answer again, even after a crash.
//! What was refused was not done: the key is free for the corrected request.

mod store;

use std::{convert::Infallible, sync::Arc};

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody as _},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use problem::Failure;
use ring::hmac;

use self::store::{Answer, Claim, Claimed};
use crate::{
    Caller, Context, caller::ReservedId, csv, http, observation::settled, operations::Operation, refusal::Refusal,
};

pub use store::forget_answers;
pub(crate) use store::purge;

const KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;

pub(crate) async fn once(mut request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let context = Context::of(request.request());
    let Some(claim) = claim(&context, &mut request).await? else {
        return settled(&context, next.call(request)).await;
    };
    match store::claim(&context.db, &claim).await.map_err(|error| Failure::from(Refusal::from(error)))? {
        Claimed::Run(id) => {
            request.extensions_mut().insert(ReservedId(id));
            run(&context, &claim, request, next).await
        }
        Claimed::Answered(answer) => Ok(request.into_response(replay(answer))),
        Claimed::Busy => Err(Failure::from(Refusal::IdempotencyKeyBusy).into()),
        Claimed::Reused => Err(Failure::from(Refusal::IdempotencyKeyReused).into()),
    }
}

async fn run(
    context: &Context,
    claim: &Claim,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answered = leased(context, claim, settled(context, next.call(request))).await;
    let response = match answered {
        Ok(response) if response.status().is_success() => response,
        failed => {
            free(context, claim, status(&failed)).await;
            return failed;
        }
    };
    if is_secret(response.headers()) {
        noted(store::release(&context.db, claim).await);
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    keep(context, claim, request, response).await
}

/// After our own fault the caller may try again at once, with what the first try may have created; after a refusal the
/// key has done nothing and may be used for another request.
async fn free(context: &Context, claim: &Claim, status: StatusCode) {
    if status.is_server_error() {
        noted(store::release(&context.db, claim).await);
    } else {
        noted(store::forget(&context.db, claim).await);
    }
}

fn status(answered: &Result<ServiceResponse<BoxBody>, Error>) -> StatusCode {
    match answered {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    }
}

/// Keeps the lease while the request runs, however long it takes. The request goes on while its lease is renewed: that may
/// have to wait for the request itself, where it forgets answers.
async fn leased<T>(context: &Context, claim: &Claim, running: impl Future<Output = T>) -> T {
    tokio::select! {
        outcome = running => outcome,
        never = renewing(context, claim) => match never {},
    }
}

async fn renewing(context: &Context, claim: &Claim) -> Infallible {
    loop {
        tokio::time::sleep(store::RENEW_EVERY).await;
        noted(store::renew(&context.db, claim).await);
    }
}

/// What is to be stored nowhere is not stored here either; the repeat meets what the first request created.
fn is_secret(headers: &HeaderMap) -> bool {
    headers.get(header::CACHE_CONTROL).is_some_and(|value| value.as_bytes() == b"no-store")
}

async fn keep(
    context: &Context,
    claim: &Claim,
    request: HttpRequest,
    response: HttpResponse<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (head, body) = response.into_parts();
    let body = actix_web::body::to_bytes(body).await.map_err(|_| Failure::from(Refusal::Panicked))?;
    let text = |name: HeaderName| Some(head.headers().get(name)?.to_str().ok()?.to_owned());
    let answer = Answer {
        status: i32::from(head.status().as_u16()),
        content_type: text(header::CONTENT_TYPE),
        location: text(header::LOCATION),
        etag: text(header::ETAG),
        body: body.to_vec(),
    };
    noted(store::keep(&context.db, claim, answer).await);
    Ok(ServiceResponse::new(request, head.set_body(body.boxed())))
}

/// What has been done is done: its answer stands, whatever becomes of the key.
fn noted(result: database::Result<()>) {
    if let Err(error) = result {
        tracing::error!(%error, "cannot keep the state of an idempotency key");
    }
}

fn replay(answer: Answer) -> HttpResponse {
    let status = u16::try_from(answer.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = HttpResponse::build(status.unwrap_or(StatusCode::OK));
    response.insert_header(("idempotent-replayed", "true"));
    let headers =
        [(header::CONTENT_TYPE, answer.content_type), (header::LOCATION, answer.location), (header::ETAG, answer.etag)];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.insert_header((name, value));
        }
    }
    response.body(answer.body)
}

/// The claim of a POST that an identified caller has given a key.
async fn claim(context: &Context, request: &mut ServiceRequest) -> Result<Option<Claim>, Failure> {
    let is_operation = request.extensions().contains::<Arc<Operation>>();
    let caller = request.extensions().get::<Arc<Caller>>().map(|caller| caller.id.clone());
    let (Some(key), Some(caller)) = (request.headers().get(KEY).cloned(), caller) else { return Ok(None) };
    if request.method() != Method::POST || !is_operation {
        return Ok(None);
    }
    let key = key.to_str().ok().filter(|key| is_key(key)).ok_or(Refusal::IdempotencyKeyInvalid)?;
    let fingerprint = fingerprint(&context.fingerprint_key, request).await?;
    Ok(Some(Claim { caller, key: key.to_owned(), fingerprint }))
}

fn is_key(key: &str) -> bool {
    (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
}

/// Tells one request from another, without a way back to what it holds. A body that streams is known by its type and length only: it must not be held.
async fn fingerprint(key: &hmac::Key, request: &mut ServiceRequest) -> Result<Vec<u8>, Refusal> {
    let mut hash = hmac::Context::with_key(key);
    let mut add = |part: &[u8]| {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(request.method().as_str().as_bytes());
    add(request.path().as_bytes());
    add(request.query_string().as_bytes());
    if streams(request.headers()) {
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            add(request.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default());
        }
    } else {
        let mut received = request.take_payload();
        let body = http::read(request.headers(), &mut received).await?;
        add(&body);
        request.set_payload(payload(body));
    }
    Ok(hash.sign().as_ref().to_vec())
}

/// Types of bodies that are files, of any length.
const STREAMED: &[&str] = &[csv::CSV, csv::XLSX, "application/octet-stream", "multipart/form-data", "message/rfc822"];

fn streams(headers: &HeaderMap) -> bool {
    http::media_type(headers).is_some_and(|media| STREAMED.contains(&media.as_str()))
}

fn payload(body: Bytes) -> Payload {
    Payload::Stream { payload: stream::iter([Ok(body)]).boxed_local() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii() {
        let longest = "k".repeat(LONGEST_KEY);
        for (key, expected) in [("a-1", true), (&longest, true), ("", false), ("a b", false), ("键", false)] {
            assert_eq!(is_key(key), expected, "{key:?}");
        }
        assert!(!is_key(&"k".repeat(LONGEST_KEY + 1)));
    }
}
