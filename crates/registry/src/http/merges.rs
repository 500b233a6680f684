use actix_web::http::header;
use actix_web::{HttpResponse, get, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{CustomerId, CustomerMoved, Merge, MergeId, NewMerge, UnmergeQuery};
use wire::{Entity, Page, Reference};

use super::page;
use crate::{commands, queries};

/// 301 with the survivor's address, and a body that says the same to whoever does not follow.
pub fn moved(moved: CustomerMoved) -> HttpResponse {
    let location = format!("{}/{}", registry_contract::Customer::PATH, moved.merged_into);
    HttpResponse::MovedPermanently()
        .insert_header((header::LOCATION, location))
        // A merge can be undone.
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(moved)
}

/// Merge another customer into this one.
///
/// Contacts, positions, keys in other systems and whatever else belongs to the other go along, in every service; its id and
/// code lead to this one from now on. Within 30 days it can be undone.
#[utoipa::path(
    operation_id = "merge_customers",
    tag = "merges",
    params(
        ("id" = String, Path, description = "The id or the code of the one that stays"),
        ("If-Match" = String, Header, description = "Its ETag last read, or `*`"),
    ),
    request_body = NewMerge,
    responses(
        (status = 201, description = "Merged", body = Merge),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 409, description = "One of the two was merged already", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "The two cannot be merged, or some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:merge"])),
)]
#[post("/api/v1/customers/{id}/merge")]
pub async fn merge_customers(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    expected: IfMatch,
    body: Body<NewMerge>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::merge_customers(&context.db, &act, &path.0, expected, body.0).await?))
}

/// Make a merged customer itself again, with everything that went along.
///
/// What was added to the survivor since stays there, unless it is about nothing but what goes back: a holding of one of its
/// contacts and its positions goes back with these. What refers from the one to the other, such as a position that reports to
/// one of the other's, is named, and nothing is undone; change it, or let it be cut.
#[utoipa::path(
    operation_id = "unmerge_customer",
    tag = "merges",
    params(("id" = String, Path, description = "The id or the code of the one that was merged"), UnmergeQuery),
    responses(
        (status = 200, description = "Undone", body = Merge),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 409, description = "It is not merged, or it is too late, or the survivor was merged itself, or something that \
            was made since is in the way: each is named", body = Problem),
    ),
    security(("caller" = ["customers:merge"])),
)]
#[post("/api/v1/customers/{id}/unmerge")]
pub async fn unmerge_customer(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    query: Query<UnmergeQuery>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::unmerge_customer(&context.db, &act, &path.0, query.0.cut).await?))
}

/// List the merges into a customer or out of it, the latest first unless sorted by `merged_at`.
#[utoipa::path(
    operation_id = "list_merges",
    tag = "merges",
    params(("id" = String, Path, description = "The id or the code"), ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<Merge>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/merges")]
pub async fn list_merges(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Merge>>> {
    let paging = Paging::parse(&list, &["merged_at"], "-merged_at")?;
    let listed = queries::list_merges(&context.db, &path.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a merge.
#[utoipa::path(
    operation_id = "get_merge",
    tag = "merges",
    params(("id" = MergeId, Path)),
    responses(
        (status = 200, description = "The merge", body = Merge),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customer-merges/{id}")]
pub async fn get_merge(context: web::Data<Context>, path: Path<MergeId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_merge(&context.db, path.0).await?))
}
