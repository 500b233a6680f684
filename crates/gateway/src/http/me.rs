use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chassis::{Act, Caller, http::Body};
use problem::Problem;

use super::sessions;
use crate::{
    admission, commands,
    domain::Role,
    error::Error,
    gateway::Gateway,
    v1::{CallerKind, Me, PasswordChange, RoleGrants, Roles},
};

/// Shows who calls and what it may do.
#[utoipa::path(
    operation_id = "get_me",
    tag = "me",
    responses((status = 200, body = Me)),
    security(("caller" = [])),
)]
#[get("/api/v1/me")]
pub async fn get_me(caller: Caller) -> web::Json<Me> {
    let kind = if caller.id.starts_with("user:") { CallerKind::User } else { CallerKind::ApiKey };
    let Caller { id, name, roles, permissions } = caller;
    web::Json(Me { id, kind, name, roles, permissions })
}

/// Changes the password of the user who calls; its other sessions end.
#[utoipa::path(
    operation_id = "change_password",
    tag = "me",
    request_body = PasswordChange,
    responses(
        (status = 204, description = "The new password is the password now."),
        (status = 409, body = Problem, description = "This was called with an API key."),
        (status = 422, body = Problem, description = "The current password is wrong, or the new one is too short."),
        (status = 429, body = Problem, description = "Too many attempts; `Retry-After` says when to go on."),
    ),
    security(("caller" = [])),
)]
#[post("/api/v1/me/password")]
pub async fn change_password(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    act: Act,
    body: Body<PasswordChange>,
) -> problem::Result<HttpResponse> {
    let token = sessions::token(&request).ok_or(Error::NoPassword)?;
    commands::change_password(&gateway, &act, admission::address(&request), &token, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists the roles and what each allows.
#[utoipa::path(
    operation_id = "list_roles",
    tag = "users",
    responses((status = 200, body = Roles)),
    security(("caller" = [])),
)]
#[get("/api/v1/roles")]
pub async fn list_roles() -> web::Json<Roles> {
    let grants = |role: Role| RoleGrants { role, about: role.about(), permissions: role.permissions() };
    web::Json(Roles { items: Role::ALL.map(grants).to_vec() })
}
