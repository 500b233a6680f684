use actix_web::{get, web};
use chassis::http::Query;
use registry_contract::{Classification, IndustryQuery, RegionQuery};
use wire::Page;

use crate::domain;

/// List the industries of a standard, every division behind its section.
#[utoipa::path(
    operation_id = "list_industries",
    tag = "classifications",
    params(IndustryQuery),
    responses((status = 200, description = "All of them", body = Page<Classification>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/classifications/industries")]
pub async fn list_industries(query: Query<IndustryQuery>) -> web::Json<Page<Classification>> {
    whole(domain::industries(query.0.scheme))
}

/// List the subdivisions of a country (ISO 3166-2) by code.
#[utoipa::path(
    operation_id = "list_regions",
    tag = "classifications",
    params(RegionQuery),
    responses((status = 200, description = "All of them; none for a country without any", body = Page<Classification>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/classifications/regions")]
pub async fn list_regions(query: Query<RegionQuery>) -> web::Json<Page<Classification>> {
    whole(domain::regions(&query.0.country))
}

/// A list so short that it is one page.
fn whole(items: Vec<Classification>) -> web::Json<Page<Classification>> {
    web::Json(Page { items, next_cursor: None, count: None })
}
