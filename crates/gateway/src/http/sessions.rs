use actix_web::{HttpRequest, HttpResponse, delete, http::header, post, web};
use chassis::{Act, http::Body};
use problem::Problem;

use crate::{
    admission, commands,
    domain::Fingerprint,
    error::Error,
    gateway::Gateway,
    v1::{IssuedSession, NewSession},
};

/// Logs a user in.
#[utoipa::path(
    operation_id = "open_session",
    tag = "sessions",
    request_body = NewSession,
    responses(
        (status = 201, body = IssuedSession),
        (status = 401, body = Problem, description = "Login name or password is wrong, or the user is disabled."),
        (status = 422, body = Problem, description = "Some fields are wrong."),
        (status = 429, body = Problem, description = "Too many attempts; `Retry-After` says when to go on."),
    ),
    security(()),
)]
#[post("/api/v1/sessions")]
pub async fn open_session(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    act: Act,
    body: Body<NewSession>,
) -> problem::Result<HttpResponse> {
    let session = commands::open_session(&gateway, &act, admission::address(&request), body.0).await?;
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, super::NO_STORE)).json(session))
}

/// Logs out: ends the session this is called in.
#[utoipa::path(
    operation_id = "close_session",
    tag = "sessions",
    responses(
        (status = 204, description = "The session is over."),
        (status = 409, body = Problem, description = "This was called with an API key."),
    ),
    security(("caller" = [])),
)]
#[delete("/api/v1/sessions/current")]
pub async fn close_session(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    act: Act,
) -> problem::Result<HttpResponse> {
    let token = token(&request).ok_or(Error::NoSession)?;
    commands::close_session(&gateway, &act, &token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What the session in which this is called is found by, if it is one.
pub(super) fn token(request: &HttpRequest) -> Option<Fingerprint> {
    crate::callers::credential(request.headers()).map(Fingerprint::of)
}
