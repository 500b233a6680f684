use actix_web::{HttpResponse, get, patch, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use complaints_contract::{
    Complaint, ComplaintEntry, ComplaintId, ComplaintPatch, ComplaintQuery, ComplaintSummary, ImportOutcome,
    NewComplaint, SummaryQuery,
};
use problem::Problem;
use wire::{ExternalId, Page, Reference};

use super::who::Who;
use crate::{commands, queries};

/// Register a complaint.
///
/// Intake refuses as little as it can: the customer may be named later, or be one that is not known yet.
#[utoipa::path(
    operation_id = "open_complaint",
    tag = "complaints",
    request_body = NewComplaint,
    responses(
        (status = 201, description = "Registered", body = Complaint),
        (status = 409, description = "Another complaint has this external id", body = Problem),
        (status = 422, description = "Some fields are wrong, or no customer has this code", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[post("/api/v1/complaints")]
pub async fn open_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    body: Body<NewComplaint>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::open_complaint(&context.db, &act, &who.0, body.0).await?))
}

/// List complaints, latest received first unless sorted by any of received_at, updated_at, number, severity,
/// safety (`-safety,severity,received_at` is what is gravest and oldest).
///
/// `sort=next_due`, by itself, lists those of which something is due: what is due first comes first.
#[utoipa::path(
    operation_id = "list_complaints",
    tag = "complaints",
    params(ComplaintQuery, ListQuery),
    responses((status = 200, description = "A page of complaints", body = Page<Complaint>)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints")]
pub async fn list_complaints(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    query: Query<ComplaintQuery>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let sorts = ["received_at", "updated_at", "number", "severity", "safety", queries::NEXT_DUE];
    let paging = Paging::parse(&list, &sorts, "-received_at")?;
    let (rows, count) = queries::complaints(&context.db, &who.0, query.0, &paging.request, act.at).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Count complaints by state, channel, severity and timeliness.
#[utoipa::path(
    operation_id = "summarize_complaints",
    tag = "complaints",
    params(SummaryQuery),
    responses((status = 200, description = "The counts", body = ComplaintSummary)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/summary")]
pub async fn summarize_complaints(
    context: web::Data<Context>,
    who: Who,
    query: Query<SummaryQuery>,
) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::summary(&context.db, &who.0, query.0).await?))
}

/// Register the complaint another system knows by this key, or bring it up to date.
///
/// What is not given stays as it is. A source moves a complaint forward only: what it reports from behind changes
/// nothing, and reopening is an act of its own.
#[utoipa::path(
    operation_id = "upsert_external_complaint",
    tag = "complaints",
    params(
        ("system" = String, Path, description = "The source system, such as `zendesk`"),
        ("id" = String, Path, description = "The complaint's key there"),
    ),
    request_body = NewComplaint,
    responses(
        (status = 200, description = "Brought up to date, or unchanged", body = Complaint),
        (status = 201, description = "Registered", body = Complaint),
        (status = 422, description = "Some fields are wrong, or no customer has this code", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[put("/api/v1/complaints/external/{system}/{id}")]
pub async fn upsert_external_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    key: Path<(String, String)>,
    body: Body<NewComplaint>,
) -> problem::Result<HttpResponse> {
    let Path((system, id)) = key;
    let key = ExternalId { system, id };
    let (complaint, outcome) = commands::upsert_external_complaint(&context.db, &act, &who.0, key, body.0).await?;
    Ok(if outcome == ImportOutcome::Created { http::created(complaint) } else { http::found(complaint) })
}

/// Read a complaint.
#[utoipa::path(
    operation_id = "get_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number, such as `CP-2026-000123`")),
    responses(
        (status = 200, description = "The complaint; its version is the ETag", body = Complaint),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}")]
pub async fn get_complaint(
    context: web::Data<Context>,
    who: Who,
    id: Path<Reference<ComplaintId>>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::complaint(&context.db, &who.0, &id.0).await?))
}

/// Correct a complaint.
#[utoipa::path(
    operation_id = "amend_complaint",
    tag = "complaints",
    params(
        ("id" = String, Path, description = "Its id or its number"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body(content = ComplaintPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The complaint as it is now", body = Complaint),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "It was changed since", body = Problem),
        (status = 422, description = "Some fields are wrong, or no customer has this code", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[patch("/api/v1/complaints/{id}")]
pub async fn amend_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<Reference<ComplaintId>>,
    expected: IfMatch,
    body: Body<ComplaintPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::amend_complaint(&context.db, &act, &who.0, &id.0, expected, body.0).await?))
}

/// List what happened to a complaint, oldest first unless sorted by `-seq`.
#[utoipa::path(
    operation_id = "list_complaint_history",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number"), ListQuery),
    responses(
        (status = 200, description = "A page of its history", body = Page<ComplaintEntry>),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/history")]
pub async fn list_complaint_history(
    context: web::Data<Context>,
    who: Who,
    id: Path<Reference<ComplaintId>>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["seq"], "seq")?;
    let (rows, count) = queries::history(&context.db, &who.0, &id.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}
