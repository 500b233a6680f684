use actix_web::{HttpResponse, get, patch, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    CustomerId, CustomerLink, CustomerLinkId, CustomerLinkPatch, Hierarchy, HierarchyQuery, NewCustomerLink,
};
use wire::{Page, Reference};

use super::page;
use crate::domain::MOST_LEVELS;
use crate::{commands, queries};

const SORTS: &[&str] = &["from"];

/// Say whom a customer belongs to from a day on. The link that holds on that day ends there; the parent shown in the
/// customer is always today's.
#[utoipa::path(
    operation_id = "create_customer_link",
    tag = "hierarchy",
    params(("id" = String, Path, description = "The id or code of the customer that belongs to another")),
    request_body = NewCustomerLink,
    responses(
        (status = 201, description = "Created", body = CustomerLink),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 422, description = "Some fields are wrong, or somebody would belong to itself, or too deep, on some day", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers/{id}/links")]
pub async fn create_customer_link(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    body: Body<NewCustomerLink>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_customer_link(&context.db, &act, &path.0, body.0).await?))
}

/// List whom a customer belonged to, belongs to and will belong to, by first day unless sorted by `-from`.
#[utoipa::path(
    operation_id = "list_customer_links",
    tag = "hierarchy",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<CustomerLink>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/links")]
pub async fn list_customer_links(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<CustomerLink>>> {
    let paging = Paging::parse(&list, SORTS, "from")?;
    let listed = queries::list_customer_links(&context.db, &path.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a link.
#[utoipa::path(
    operation_id = "get_customer_link",
    tag = "hierarchy",
    params(("id" = CustomerLinkId, Path)),
    responses(
        (status = 200, description = "The link", body = CustomerLink),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customer-links/{id}")]
pub async fn get_customer_link(
    context: web::Data<Context>,
    path: Path<CustomerLinkId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_customer_link(&context.db, path.0).await?))
}

/// Change how a link is or when it ends; that it ends on its first day withdraws it.
#[utoipa::path(
    operation_id = "update_customer_link",
    tag = "hierarchy",
    params(
        ("id" = CustomerLinkId, Path),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body(content = CustomerLinkPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The link as it is now", body = CustomerLink),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is a merged customer's, and waits with it", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong, or somebody would belong to itself, or too deep, on some day", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[patch("/api/v1/customer-links/{id}")]
pub async fn update_customer_link(
    context: web::Data<Context>,
    act: Act,
    path: Path<CustomerLinkId>,
    expected: IfMatch,
    body: Body<CustomerLinkPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_customer_link(&context.db, &act, path.0, expected, body.0).await?))
}

/// Show whom a customer belongs to and everything below it on a day, with sums for each. However few levels are listed, the
/// sums are of all.
#[utoipa::path(
    operation_id = "get_customer_hierarchy",
    tag = "hierarchy",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), HierarchyQuery),
    responses(
        (status = 200, description = "The customer, those above it and those below it", body = Hierarchy),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 422, description = "More than 5,000 customers would be listed; ask for fewer levels", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/hierarchy")]
pub async fn get_customer_hierarchy(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    query: Query<HierarchyQuery>,
) -> problem::Result<web::Json<Hierarchy>> {
    let as_of = query.0.as_of.unwrap_or(act.at.date_naive());
    let depth = query.0.depth.unwrap_or(MOST_LEVELS);
    Ok(web::Json(queries::get_customer_hierarchy(&context.db, &path.0, as_of, depth).await?))
}
