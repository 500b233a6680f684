//! The outermost layer: gives each request its trace, its line in the log, its figures, and a complete answer even
//! when something breaks.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Instant};

use actix_web::{
    Error, HttpMessage,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
};
use futures::FutureExt;
use problem::Failure;
use tracing::Instrument;

use crate::{Context, answer::Asked, http, operations::Found, refusal::Refusal, trace::Trace};

/// Asked for all the time by machines: not worth a line at the usual level.
const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

pub(crate) async fn observe(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let context = Context::of(request.request());
    let trace = Arc::new(Trace::of(request.headers()));
    let asked = Arc::new(Asked::new(request.path(), request.headers(), trace.clone()));
    let method = request.method().clone();
    let route = route(&context, &request);
    let if_none_match = reads(&method).then(|| request.headers().get(header::IF_NONE_MATCH).cloned()).flatten();
    request.extensions_mut().insert(trace.clone());
    request.extensions_mut().insert(asked.clone());

    let span = tracing::info_span!("request", request_id = %trace.request_id, trace_id = %trace.trace_id);
    async {
        let answered = match settled(&context, next.call(request)).await {
            Ok(response) => Ok(unless_known(asked.complete(response), if_none_match.as_ref())),
            Err(error) => Err(asked.complete_error(error)),
        };
        let status = match &answered {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        let route = trace.route.get().unwrap_or(&route);
        let took = started.elapsed();
        context.metrics.record(&method, route, status, took);
        log(&method, route, status, took, &trace);
        answered.map(|mut response| {
            asked.identify(response.headers_mut());
            response
        })
    }
    .instrument(span)
    .await
}

/// Runs a handler on the service's own runtime, where its connections live, and turns a panic into an error.
pub(crate) async fn settled(
    context: &Context,
    handling: impl Future<Output = Result<ServiceResponse<BoxBody>, Error>>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut handling = pin!(AssertUnwindSafe(handling).catch_unwind());
    let outcome = std::future::poll_fn(|task| {
        let _entered = context.runtime.enter();
        handling.as_mut().poll(task)
    });
    match outcome.await {
        Ok(answered) => answered,
        Err(_) => Err(Failure::from(Refusal::Panicked).into()),
    }
}

/// The template a request is counted under; paths may hold ids.
fn route(context: &Context, request: &ServiceRequest) -> String {
    match context.operations.find(request.method(), request.match_info().unprocessed()) {
        Found::Operation(operation) => operation.path.clone(),
        Found::OtherMethods { .. } | Found::Nothing => {
            request.match_pattern().unwrap_or_else(|| "unmatched".to_owned())
        }
    }
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// 304 to a reader who has this version already.
fn unless_known(response: ServiceResponse<BoxBody>, if_none_match: Option<&HeaderValue>) -> ServiceResponse<BoxBody> {
    let is_known = || {
        let known = if_none_match?.to_str().ok()?;
        let etag = response.headers().get(header::ETAG)?.to_str().ok()?;
        Some(response.status() == StatusCode::OK && http::is_unchanged(known, etag))
    };
    if is_known() != Some(true) {
        return response;
    }
    let mut response = response.map_body(|_, _| BoxBody::new(()));
    *response.response_mut().status_mut() = StatusCode::NOT_MODIFIED;
    response.headers_mut().remove(header::CONTENT_TYPE);
    response
}

fn log(method: &Method, route: &str, status: StatusCode, took: std::time::Duration, trace: &Trace) {
    let (status, duration_ms) = (status.as_u16(), took.as_secs_f64() * 1000.0);
    let caller = trace.caller.get().map_or("-", String::as_str);
    if PROBES.contains(&route) {
        tracing::debug!(%method, route, status, duration_ms, "answered");
    } else {
        tracing::info!(%method, route, status, duration_ms, caller, "answered");
    }
}
