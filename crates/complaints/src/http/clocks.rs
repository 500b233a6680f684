use actix_web::{HttpResponse, get, web};
use chassis::http::{ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use complaints_contract::{ClocksQuery, ComplaintClocks, ComplaintId, Escalation, EscalationQuery};
use problem::Problem;
use wire::{Page, Reference};

use super::who::Who;
use crate::queries;

/// Read how a complaint's clocks stand, or stood.
#[utoipa::path(
    operation_id = "get_complaint_clocks",
    tag = "service levels",
    params(("id" = String, Path, description = "Its id or its number"), ClocksQuery),
    responses(
        (status = 200, description = "Its clocks", body = ComplaintClocks),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 422, description = "The instant is before its intake, or in the future", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/clocks")]
pub async fn get_complaint_clocks(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<Reference<ComplaintId>>,
    query: Query<ClocksQuery>,
) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::clocks(&context.db, &who.0, &id.0, query.0.as_of, act.at).await?))
}

/// List who was told that a clock of a complaint runs out, in the order they were told.
#[utoipa::path(
    operation_id = "list_complaint_escalations",
    tag = "service levels",
    params(("id" = String, Path, description = "Its id or its number"), ListQuery),
    responses(
        (status = 200, description = "A page of escalations", body = Page<Escalation>),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/escalations")]
pub async fn list_complaint_escalations(
    context: web::Data<Context>,
    who: Who,
    id: Path<Reference<ComplaintId>>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["fired_at"], "fired_at")?;
    let (rows, count) = queries::escalations(&context.db, &who.0, &id.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// List who was told that a clock runs out, of all complaints, in the order they were told.
///
/// With `recipient` and `running`: what somebody is to see to because it was escalated to him.
#[utoipa::path(
    operation_id = "list_escalations",
    tag = "service levels",
    params(EscalationQuery, ListQuery),
    responses((status = 200, description = "A page of escalations", body = Page<Escalation>)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaint-escalations")]
pub async fn list_escalations(
    context: web::Data<Context>,
    who: Who,
    query: Query<EscalationQuery>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["fired_at"], "fired_at")?;
    let (rows, count) = queries::all_escalations(&context.db, &who.0, query.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}
