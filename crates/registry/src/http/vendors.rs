use actix_web::{HttpResponse, get, patch, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    CustomerId, NewVendor, Period, ShareRecord, Vendor, VendorId, VendorPatch, VendorShares, VendorStructure,
    VendorTrendQuery, VendorTrends,
};
use wire::{Page, Reference};

use super::page;
use crate::{commands, queries};

/// Add a vendor to those of a customer; `self` is us.
#[utoipa::path(
    operation_id = "create_vendor",
    tag = "vendors",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    request_body = NewVendor,
    responses(
        (status = 201, description = "Created", body = Vendor),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers/{id}/vendors")]
pub async fn create_vendor(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    body: Body<NewVendor>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_vendor(&context.db, &act, &path.0, body.0).await?))
}

/// List a customer's vendors, by name unless sorted by any of name, created_at.
#[utoipa::path(
    operation_id = "list_vendors",
    tag = "vendors",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<Vendor>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/vendors")]
pub async fn list_vendors(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Vendor>>> {
    let paging = Paging::parse(&list, &["name", "created_at"], "name")?;
    let listed = queries::list_vendors(&context.db, &path.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a vendor.
#[utoipa::path(
    operation_id = "get_vendor",
    tag = "vendors",
    params(("id" = VendorId, Path)),
    responses(
        (status = 200, description = "The vendor", body = Vendor),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/vendors/{id}")]
pub async fn get_vendor(context: web::Data<Context>, path: Path<VendorId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_vendor(&context.db, path.0).await?))
}

/// Change a vendor, or say that it is the same as another, for which then counts what is recorded of it.
#[utoipa::path(
    operation_id = "update_vendor",
    tag = "vendors",
    params(("id" = VendorId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body(content = VendorPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The vendor as it is now", body = Vendor),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[patch("/api/v1/vendors/{id}")]
pub async fn update_vendor(
    context: web::Data<Context>,
    act: Act,
    path: Path<VendorId>,
    expected: IfMatch,
    body: Body<VendorPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_vendor(&context.db, &act, path.0, expected, body.0).await?))
}

/// Record who had which share of a customer's spending in a period. This replaces what was recorded for the period; what
/// it replaces stays in the records.
#[utoipa::path(
    operation_id = "record_vendor_shares",
    tag = "vendors",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("period" = Period, Path, description = "`2026`, `2026-H1` or `2026-Q3`"),
        ("If-Match" = String, Header, description = "The period's ETag last read, or `*`"),
    ),
    request_body = VendorShares,
    responses(
        (status = 200, description = "The period as it is now", body = VendorStructure),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 412, description = "Someone else recorded the period first", body = Problem),
        (status = 422, description = "Some fields are wrong, or a line has more than 100 %", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[put("/api/v1/customers/{id}/vendor-shares/{period}")]
pub async fn record_vendor_shares(
    context: web::Data<Context>,
    act: Act,
    path: Path<(Reference<CustomerId>, Period)>,
    expected: IfMatch,
    body: Body<VendorShares>,
) -> problem::Result<HttpResponse> {
    let (customer, period) = path.0;
    Ok(http::found(commands::record_vendor_shares(&context.db, &act, &customer, period, expected, body.0).await?))
}

/// Read who has what in a period, what of it is ours, and what nobody knows of.
#[utoipa::path(
    operation_id = "get_vendor_shares",
    tag = "vendors",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("period" = Period, Path, description = "`2026`, `2026-H1` or `2026-Q3`"),
    ),
    responses(
        (status = 200, description = "The period", body = VendorStructure),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/vendor-shares/{period}")]
pub async fn get_vendor_shares(
    context: web::Data<Context>,
    path: Path<(Reference<CustomerId>, Period)>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_vendor_shares(&context.db, &path.0.0, path.0.1).await?))
}

/// List what was recorded of a customer's shares, whatever the period, the newest record first unless sorted by
/// `recorded_at`.
#[utoipa::path(
    operation_id = "list_vendor_shares",
    tag = "vendors",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<ShareRecord>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/vendor-shares")]
pub async fn list_vendor_shares(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<ShareRecord>>> {
    let paging = Paging::parse(&list, &["recorded_at"], "-recorded_at")?;
    let listed = queries::list_vendor_share_records(&context.db, &path.0, None, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// List what was recorded for one period, by whom and when, the newest record first unless sorted by `recorded_at`.
#[utoipa::path(
    operation_id = "list_vendor_share_records",
    tag = "vendors",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("period" = Period, Path, description = "`2026`, `2026-H1` or `2026-Q3`"),
        ListQuery,
    ),
    responses(
        (status = 200, description = "A page", body = Page<ShareRecord>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/vendor-shares/{period}/records")]
pub async fn list_vendor_share_records(
    context: web::Data<Context>,
    path: Path<(Reference<CustomerId>, Period)>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<ShareRecord>>> {
    let paging = Paging::parse(&list, &["recorded_at"], "-recorded_at")?;
    let (customer, period) = path.0;
    let listed = queries::list_vendor_share_records(&context.db, &customer, Some(period), &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read how the shares of a customer's vendors move from period to period.
#[utoipa::path(
    operation_id = "get_vendor_trends",
    tag = "vendors",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), VendorTrendQuery),
    responses(
        (status = 200, description = "The trends", body = VendorTrends),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/vendor-trends")]
pub async fn get_vendor_trends(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
    query: Query<VendorTrendQuery>,
) -> problem::Result<web::Json<VendorTrends>> {
    Ok(web::Json(queries::get_vendor_trends(&context.db, &path.0, &query.0).await?))
}
