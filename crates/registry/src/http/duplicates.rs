use actix_web::{HttpResponse, get, patch, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Caller, Context};
use problem::Problem;
use registry_contract::{Duplicate, DuplicateCandidates, DuplicateId, DuplicatePatch, DuplicateQuery, NewCustomer};
use wire::Page;

use super::{page, sight};
use crate::{commands, queries};

const SORTS: &[&str] = &["score", "created_at", "updated_at"];

/// List pairs of customers that may be one, the likeliest first unless sorted by any of score, created_at, updated_at.
///
/// What consumers have in common is personal: pairs with one of them are only for those who may read contacts.
#[utoipa::path(
    operation_id = "list_duplicates",
    tag = "duplicates",
    params(DuplicateQuery, ListQuery),
    responses((status = 200, description = "A page", body = Page<Duplicate>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/duplicates")]
pub async fn list_duplicates(
    context: web::Data<Context>,
    caller: Caller,
    query: Query<DuplicateQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Duplicate>>> {
    let paging = Paging::parse(&list, SORTS, "-score")?;
    let listed = queries::list_duplicates(&context.db, &query.0, sight(&caller), &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Look for a customer before creating it. Creates nothing.
///
/// Without `contacts:read`, consumers are not found by their `phone`, `tax_id` or `identifiers`.
#[utoipa::path(
    operation_id = "check_duplicates",
    tag = "duplicates",
    request_body = NewCustomer,
    responses(
        (status = 200, description = "Whom it may be already, the likeliest first", body = DuplicateCandidates),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[post("/api/v1/duplicates/check")]
pub async fn check_duplicates(
    context: web::Data<Context>,
    caller: Caller,
    body: Body<NewCustomer>,
) -> problem::Result<web::Json<DuplicateCandidates>> {
    Ok(web::Json(queries::check_duplicates(&context.db, body.0, sight(&caller)).await?))
}

/// Read a pair.
#[utoipa::path(
    operation_id = "get_duplicate",
    tag = "duplicates",
    params(("id" = DuplicateId, Path)),
    responses(
        (status = 200, description = "The pair", body = Duplicate),
        (status = 404, description = "There is none, or it is none any more", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/duplicates/{id}")]
pub async fn get_duplicate(
    context: web::Data<Context>,
    caller: Caller,
    path: Path<DuplicateId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_duplicate(&context.db, path.0, sight(&caller)).await?))
}

/// Dismiss a pair as two customers, or open it again.
#[utoipa::path(
    operation_id = "update_duplicate",
    tag = "duplicates",
    params(("id" = DuplicateId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body(content = DuplicatePatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The pair as it is now", body = Duplicate),
        (status = 404, description = "There is none, or it is none any more", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[patch("/api/v1/duplicates/{id}")]
pub async fn update_duplicate(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    path: Path<DuplicateId>,
    expected: IfMatch,
    body: Body<DuplicatePatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_duplicate(&context.db, &act, path.0, sight(&caller), expected, body.0).await?))
}
