use actix_web::{HttpResponse, get, patch, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    ContactId, CustomerId, Holding, HoldingId, HoldingPatch, HoldingQuery, NewHolding, NewPosition, Position,
    PositionId, PositionPatch, PositionQuery,
};
use wire::{Page, Reference};

use super::page;
use crate::store::HeldBy;
use crate::{commands, queries};

const SORTS: &[&str] = &["created_at"];
const HOLDING_SORTS: &[&str] = &["from", "created_at"];

/// Create a position in a customer's organisation.
#[utoipa::path(
    operation_id = "create_position",
    tag = "seats",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    request_body = NewPosition,
    responses(
        (status = 201, description = "Created", body = Position),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["contacts:write"])),
)]
#[post("/api/v1/customers/{id}/positions")]
pub async fn create_position(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    body: Body<NewPosition>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_position(&context.db, &act, &path.0, body.0).await?))
}

/// List a customer's positions, the oldest first unless sorted by `-created_at`.
#[utoipa::path(
    operation_id = "list_positions",
    tag = "seats",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), PositionQuery, ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<Position>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/customers/{id}/positions")]
pub async fn list_positions(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
    query: Query<PositionQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Position>>> {
    let paging = Paging::parse(&list, SORTS, "created_at")?;
    let listed = queries::list_positions(&context.db, &path.0, &query.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a position.
#[utoipa::path(
    operation_id = "get_position",
    tag = "seats",
    params(("id" = PositionId, Path)),
    responses(
        (status = 200, description = "The position", body = Position),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/positions/{id}")]
pub async fn get_position(context: web::Data<Context>, path: Path<PositionId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_position(&context.db, path.0).await?))
}

/// Change a position, close it from a day on, or open it again. A closed position stays in history.
#[utoipa::path(
    operation_id = "update_position",
    tag = "seats",
    params(("id" = PositionId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body(content = PositionPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The position as it is now", body = Position),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong; `reports_to` leads back to it; it is still held", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["contacts:write"])),
)]
#[patch("/api/v1/positions/{id}")]
pub async fn update_position(
    context: web::Data<Context>,
    act: Act,
    path: Path<PositionId>,
    expected: IfMatch,
    body: Body<PositionPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_position(&context.db, &act, path.0, expected, body.0).await?))
}

/// List who holds a position, held or will hold it, the latest first unless sorted by any of from, created_at.
#[utoipa::path(
    operation_id = "list_position_holdings",
    tag = "seats",
    params(("id" = PositionId, Path, description = "The position"), HoldingQuery, ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<Holding>),
        (status = 404, description = "There is no such position", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/positions/{id}/holdings")]
pub async fn list_position_holdings(
    context: web::Data<Context>,
    path: Path<PositionId>,
    query: Query<HoldingQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Holding>>> {
    let paging = Paging::parse(&list, HOLDING_SORTS, "-from")?;
    let listed = queries::list_holdings(&context.db, HeldBy::Position(path.0), &query.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Record that a contact holds a position, from a day until a day.
#[utoipa::path(
    operation_id = "create_holding",
    tag = "seats",
    params(("id" = ContactId, Path, description = "The contact")),
    request_body = NewHolding,
    responses(
        (status = 201, description = "Created", body = Holding),
        (status = 404, description = "There is no such contact", body = Problem),
        (status = 409, description = "The contact is erased", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["contacts:write"])),
)]
#[post("/api/v1/contacts/{id}/holdings")]
pub async fn create_holding(
    context: web::Data<Context>,
    act: Act,
    path: Path<ContactId>,
    body: Body<NewHolding>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_holding(&context.db, &act, path.0, body.0).await?))
}

/// List the positions that a contact holds, held or will hold, as they were recorded unless sorted by any of from,
/// created_at.
#[utoipa::path(
    operation_id = "list_holdings",
    tag = "seats",
    params(("id" = ContactId, Path, description = "The contact"), HoldingQuery, ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<Holding>),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/contacts/{id}/holdings")]
pub async fn list_holdings(
    context: web::Data<Context>,
    path: Path<ContactId>,
    query: Query<HoldingQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Holding>>> {
    let paging = Paging::parse(&list, HOLDING_SORTS, "created_at")?;
    let listed = queries::list_holdings(&context.db, HeldBy::Contact(path.0), &query.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a holding.
#[utoipa::path(
    operation_id = "get_holding",
    tag = "seats",
    params(("id" = HoldingId, Path)),
    responses(
        (status = 200, description = "The holding", body = Holding),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["contacts:read"])),
)]
#[get("/api/v1/holdings/{id}")]
pub async fn get_holding(context: web::Data<Context>, path: Path<HoldingId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_holding(&context.db, path.0).await?))
}

/// End a holding, or correct what was recorded wrongly.
#[utoipa::path(
    operation_id = "update_holding",
    tag = "seats",
    params(("id" = HoldingId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body(content = HoldingPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The holding as it is now", body = Holding),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong, or it overlaps another of the same contact", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["contacts:write"])),
)]
#[patch("/api/v1/holdings/{id}")]
pub async fn update_holding(
    context: web::Data<Context>,
    act: Act,
    path: Path<HoldingId>,
    expected: IfMatch,
    body: Body<HoldingPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_holding(&context.db, &act, path.0, expected, body.0).await?))
}
