use actix_web::{HttpResponse, get, patch, post, web};
use chassis::{
    Act,
    http::{self, Body, IfMatch, ListQuery, Paging, Path, Query},
};
use problem::Problem;
use wire::Page;

use crate::{
    commands,
    gateway::Gateway,
    queries,
    v1::{NewUser, User, UserFilter, UserId, UserPatch},
};

const SORTS: &[&str] = &["login", "created_at", "updated_at"];

/// Creates a user who may log in.
#[utoipa::path(
    operation_id = "create_user",
    tag = "users",
    request_body = NewUser,
    responses(
        (status = 201, body = User, headers(("ETag" = String), ("Location" = String))),
        (status = 409, body = Problem, description = "The login name is taken."),
        (status = 422, body = Problem, description = "Some fields are wrong."),
    ),
    security(("caller" = ["users:manage"])),
)]
#[post("/api/v1/users")]
pub async fn create_user(gateway: web::Data<Gateway>, act: Act, body: Body<NewUser>) -> problem::Result<HttpResponse> {
    let user = commands::create_user(&gateway.db, &gateway.passwords, &act, body.0).await?;
    Ok(http::created(user))
}

/// Lists users.
#[utoipa::path(
    operation_id = "list_users",
    tag = "users",
    params(UserFilter, ListQuery),
    responses((status = 200, body = Page<User>)),
    security(("caller" = ["users:manage"])),
)]
#[get("/api/v1/users")]
pub async fn list_users(
    gateway: web::Data<Gateway>,
    filter: Query<UserFilter>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<User>>> {
    let paging = Paging::parse(&list, SORTS, "login")?;
    let (users, count) = queries::list_users(&gateway.db, &filter.0, &paging.request).await?;
    Ok(web::Json(paging.counted(users, count)))
}

/// Shows a user.
#[utoipa::path(
    operation_id = "get_user",
    tag = "users",
    params(("id" = UserId, Path)),
    responses(
        (status = 200, body = User, headers(("ETag" = String))),
        (status = 404, body = Problem, description = "There is no such user."),
    ),
    security(("caller" = ["users:manage"])),
)]
#[get("/api/v1/users/{id}")]
pub async fn get_user(gateway: web::Data<Gateway>, id: Path<UserId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_user(&gateway.db, id.0).await?))
}

/// Changes a user: name, roles, password; disables or enables it. What is taken away is gone within seconds.
#[utoipa::path(
    operation_id = "change_user",
    tag = "users",
    params(("id" = UserId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`.")),
    request_body = UserPatch,
    responses(
        (status = 200, body = User, headers(("ETag" = String))),
        (status = 404, body = Problem, description = "There is no such user."),
        (status = 409, body = Problem, description = "The last administrator would be gone."),
        (status = 412, body = Problem, description = "The user was changed since it was read."),
        (status = 422, body = Problem, description = "Some fields are wrong."),
        (status = 428, body = Problem, description = "`If-Match` is missing."),
    ),
    security(("caller" = ["users:manage"])),
)]
#[patch("/api/v1/users/{id}")]
pub async fn change_user(
    gateway: web::Data<Gateway>,
    act: Act,
    id: Path<UserId>,
    expected: IfMatch,
    body: Body<UserPatch>,
) -> problem::Result<HttpResponse> {
    let Gateway { db, passwords, callers, .. } = &**gateway;
    Ok(http::found(commands::change_user(db, passwords, callers, &act, id.0, expected, body.0).await?))
}
