//! Establishes who calls and enforces what the OpenAPI document says about it. No handler checks permissions.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
};
use chrono::Utc;
use problem::Failure;

use crate::{
    Access, Authenticate, Caller, Context,
    operations::{Found, Operation},
    refusal::Refusal,
    trace::Trace,
};

/// Everything below is the API, and closed unless the document opens it.
const API: &str = "/api/";

pub(crate) async fn authorise(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let context = Context::of(request.request());
    let found = context.operations.find(request.method(), request.match_info().unprocessed());
    match found {
        Found::Operation(operation) => {
            admit(&context, operation, &request).await?;
            request.extensions_mut().insert(operation.clone());
            next.call(request).await
        }
        _ if !request.path().starts_with(API) => next.call(request).await,
        Found::OtherMethods { allowed } => {
            authenticate(&context, request.request()).await?;
            let failure = Failure::from(Refusal::MethodNotAllowed { allowed: allowed.clone() });
            let mut response = HttpResponse::from_error(failure);
            if let Ok(allowed) = allowed.parse() {
                response.headers_mut().insert(header::ALLOW, allowed);
            }
            // Not `into_response`, which forgets the error that the problem document is made of.
            Ok(ServiceResponse::new(request.into_parts().0, response))
        }
        Found::Nothing => {
            let caller = authenticate(&context, request.request()).await?;
            match context.service.authenticate {
                // What the document does not name is not served, whatever the routes say.
                Authenticate::InternalToken => Err(Failure::from(Refusal::PathUnknown).into()),
                Authenticate::Custom(_) => {
                    remember(&request, caller);
                    next.call(request).await
                }
            }
        }
    }
}

async fn admit(context: &Context, operation: &Operation, request: &ServiceRequest) -> Result<(), Failure> {
    if operation.access != Access::Public {
        let caller = authenticate(context, request.request()).await?;
        operation.authorise(caller.as_deref())?;
        remember(request, caller);
    }
    let faults = operation.check_path(request.path());
    if !faults.is_empty() {
        return Err(Refusal::PathInvalid(faults).into());
    }
    let faults = operation.check_query(request.query_string());
    if faults.is_empty() { Ok(()) } else { Err(Refusal::QueryInvalid(faults).into()) }
}

/// Who calls; a service of the gateway's answers nobody without a token.
async fn authenticate(context: &Context, request: &HttpRequest) -> Result<Option<Arc<Caller>>, Failure> {
    match context.service.authenticate {
        Authenticate::InternalToken => {
            let token = bearer(request).ok_or(Refusal::TokenMissing)?;
            Ok(Some(context.verifier.verify(token, Utc::now()).map_err(Refusal::from)?))
        }
        Authenticate::Custom(authenticator) => Ok(authenticator(request, context).await?.map(Arc::new)),
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn remember(request: &ServiceRequest, caller: Option<Arc<Caller>>) {
    let Some(caller) = caller else { return };
    let mut extensions = request.extensions_mut();
    if let Some(trace) = extensions.get::<Arc<Trace>>() {
        // Set once a request; a second caller does not happen.
        trace.caller.get_or_init(|| caller.id.clone());
    }
    extensions.insert(caller);
}
