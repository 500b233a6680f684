use actix_web::{HttpResponse, get, patch, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use complaints_contract::{Cause, CauseId, CausePareto, CausePatch, ComplaintId, NewCause, ParetoQuery, ReportFormat};
use problem::Problem;
use wire::{Page, Reference};

use super::service_report::csv;
use super::who::Who;
use crate::{commands, queries};

/// Note a cause of a complaint, or why another cause came about.
#[utoipa::path(
    operation_id = "create_cause",
    tag = "causes",
    params(("id" = String, Path, description = "The complaint's id or its number")),
    request_body = NewCause,
    responses(
        (status = 201, description = "Noted", body = Cause),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/causes")]
pub async fn create_cause(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<Reference<ComplaintId>>,
    body: Body<NewCause>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_cause(&context.db, &act, &who.0, &id.0, &body.0).await?))
}

/// List the causes of a complaint, in the order they were noted; `parent_id` makes them a tree.
#[utoipa::path(
    operation_id = "list_causes",
    tag = "causes",
    params(("id" = String, Path, description = "The complaint's id or its number"), ListQuery),
    responses(
        (status = 200, description = "A page of causes", body = Page<Cause>),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/causes")]
pub async fn list_causes(
    context: web::Data<Context>,
    who: Who,
    id: Path<Reference<ComplaintId>>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["created_at"], "created_at")?;
    let (rows, count) = queries::list_causes(&context.db, &who.0, &id.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Read a cause.
#[utoipa::path(
    operation_id = "get_cause",
    tag = "causes",
    params(("id" = CauseId, Path)),
    responses(
        (status = 200, description = "The cause", body = Cause),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaint-causes/{id}")]
pub async fn get_cause(context: web::Data<Context>, who: Who, id: Path<CauseId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::cause(&context.db, &who.0, id.0).await?))
}

/// Correct a cause, confirm it as the root, or dismiss it.
#[utoipa::path(
    operation_id = "amend_cause",
    tag = "causes",
    params(("id" = CauseId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body(content = CausePatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The cause as it is now", body = Cause),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "It was changed since", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[patch("/api/v1/complaint-causes/{id}")]
pub async fn amend_cause(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<CauseId>,
    expected: IfMatch,
    body: Body<CausePatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::amend_cause(&context.db, &act, &who.0, id.0, expected, &body.0).await?))
}

/// Count root causes, the most frequent first, over a span and in each of its periods.
#[utoipa::path(
    operation_id = "get_cause_pareto",
    tag = "causes",
    params(ParetoQuery),
    responses(
        (status = 200, description = "The counts, with cumulative shares", content(
            (CausePareto = "application/json"),
            (String = "text/csv"),
        )),
        (status = 422, description = "The span or its zone is wrong, or its periods would have more than 10,000 rows", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/cause-pareto")]
pub async fn get_cause_pareto(
    context: web::Data<Context>,
    who: Who,
    query: Query<ParetoQuery>,
) -> problem::Result<HttpResponse> {
    let pareto = queries::pareto(&context.db, &who.0, &query.0).await?;
    if query.0.format != Some(ReportFormat::Csv) {
        return Ok(HttpResponse::Ok().json(pareto));
    }
    Ok(csv("cause-pareto", queries::pareto_csv(&pareto)))
}
