use actix_web::{get, web};
use chassis::http::{ListQuery, Paging, Path, Query};
use chassis::{Act, Caller, Context};
use problem::Problem;
use registry_contract::{CustomerId, TimelineEntry, TimelineQuery};
use wire::{Page, Reference};

use super::sight;
use crate::queries;

/// List what happened to a customer, the latest first unless sorted by `at`.
///
/// What is only planned for a later day is not there yet. What tells of persons at the customer is only for those who may read
/// contacts. What belonged to a customer that was merged into this one shows here as far as it went along; the rest, such as
/// its tiers, shows again when the merge is undone.
#[utoipa::path(
    operation_id = "list_timeline",
    tag = "customers",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), TimelineQuery, ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<TimelineEntry>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/timeline")]
pub async fn list_timeline(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    path: Path<Reference<CustomerId>>,
    query: Query<TimelineQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<TimelineEntry>>> {
    let paging = Paging::parse(&list, &["at"], "-at")?;
    let asker = (sight(&caller), act.at);
    let (listed, next) = queries::list_timeline(&context.db, &path.0, &query.0, asker, &paging.request).await?;
    Ok(web::Json(paging.going_on(listed.items, listed.count, next)))
}
