use actix_web::{HttpResponse, get, post, web};
use chassis::http::{self, Body, ListQuery, Paging, Path, Query};
use chassis::{Act, Caller, Context};
use problem::Problem;
use registry_contract::{
    CustomerId, EmployeeId, HandoverTicks, NewTransfer, Transfer, TransferId, TransferQuery, TransfersStarted,
};
use wire::{Page, Reference};

use super::page;
use crate::commands::{self, Hand};
use crate::queries;

/// A key may be called like an employee, but is none.
fn hand(caller: &Caller) -> Hand<'_> {
    let login = if caller.id.starts_with("user:") { caller.name.as_str() } else { "" };
    Hand { login, manages: caller.can("transfers:manage") }
}

/// Start to hand a customer over to another owner. What is owed to it now makes the checklist.
#[utoipa::path(
    operation_id = "create_transfer",
    tag = "account-teams",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    request_body = NewTransfer,
    responses(
        (status = 201, description = "Started", body = Transfer),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 409, description = "The customer is being handed over already", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers/{id}/transfers")]
pub async fn create_transfer(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    body: Body<NewTransfer>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_transfer(&context.db, &act, &path.0, body.0).await?))
}

/// Start to hand all customers of one who leaves over, up to 500 at once. Asked again, it goes on with the rest.
#[utoipa::path(
    operation_id = "create_employee_transfers",
    tag = "account-teams",
    params(("id" = String, Path, description = "The id or code of the employee who leaves (`li.wei`)")),
    request_body = NewTransfer,
    responses(
        (status = 200, description = "How many were started", body = TransfersStarted),
        (status = 404, description = "There is no such employee", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["transfers:manage"])),
)]
#[post("/api/v1/employees/{id}/transfers")]
pub async fn create_employee_transfers(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<EmployeeId>>,
    body: Body<NewTransfer>,
) -> problem::Result<web::Json<TransfersStarted>> {
    Ok(web::Json(commands::create_employee_transfers(&context.db, &act, &path.0, body.0).await?))
}

/// List transfers, the latest first unless sorted by created_at.
#[utoipa::path(
    operation_id = "list_transfers",
    tag = "account-teams",
    params(TransferQuery, ListQuery),
    responses((status = 200, description = "A page", body = Page<Transfer>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/transfers")]
pub async fn list_transfers(
    context: web::Data<Context>,
    query: Query<TransferQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Transfer>>> {
    let paging = Paging::parse(&list, &["created_at"], "-created_at")?;
    let listed = queries::list_transfers(&context.db, &query.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a transfer and its checklist.
#[utoipa::path(
    operation_id = "get_transfer",
    tag = "account-teams",
    params(("id" = TransferId, Path)),
    responses(
        (status = 200, description = "The transfer", body = Transfer),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/transfers/{id}")]
pub async fn get_transfer(context: web::Data<Context>, path: Path<TransferId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_transfer(&context.db, path.0).await?))
}

/// Say what becomes of items of the checklist: the new owner does, or who manages transfers. The last word counts.
#[utoipa::path(
    operation_id = "tick_transfer",
    tag = "account-teams",
    params(("id" = TransferId, Path)),
    request_body = HandoverTicks,
    responses(
        (status = 200, description = "The transfer as it is now", body = Transfer),
        (status = 403, description = "The caller is not the new owner", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is no longer open", body = Problem),
        (status = 422, description = "Some items are not on the checklist", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/transfers/{id}/ticks")]
pub async fn tick_transfer(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    path: Path<TransferId>,
    body: Body<HandoverTicks>,
) -> problem::Result<HttpResponse> {
    let ticks = body.0.ticks;
    Ok(http::found(commands::tick_transfer(&context.db, &act, path.0, hand(&caller), ticks).await?))
}

/// Give the customer its new owner, once everything on the checklist has an outcome or is no longer owed.
#[utoipa::path(
    operation_id = "complete_transfer",
    tag = "account-teams",
    params(("id" = TransferId, Path)),
    responses(
        (status = 200, description = "The transfer, completed", body = Transfer),
        (status = 403, description = "The caller is not the new owner", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "Items have no outcome, its day has not come, it is no longer open, or somebody else \
                                      owns the customer by now", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/transfers/{id}/completion")]
pub async fn complete_transfer(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    path: Path<TransferId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::complete_transfer(&context.db, &act, path.0, hand(&caller)).await?))
}

/// End a transfer without effect: by the new owner, by who started it, or by who manages transfers.
#[utoipa::path(
    operation_id = "cancel_transfer",
    tag = "account-teams",
    params(("id" = TransferId, Path)),
    responses(
        (status = 200, description = "The transfer, cancelled", body = Transfer),
        (status = 403, description = "It is not the caller's", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is no longer open", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/transfers/{id}/cancellation")]
pub async fn cancel_transfer(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    path: Path<TransferId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::cancel_transfer(&context.db, &act, path.0, hand(&caller)).await?))
}
