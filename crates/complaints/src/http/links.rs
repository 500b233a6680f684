//! What complaints have to do with each other, and what customers are sent.

use actix_web::{HttpResponse, get, post, web};
use chassis::http::{Body, Query};
use chassis::{Act, Context};
use complaints_contract::{ComplaintLink, ComplaintLinks, NewComplaintLink, RelatedComplaints, RelatedQuery};
use problem::Problem;

use super::transitions::Which;
use super::who::Who;
use crate::{commands, queries};

const DAYS: i64 = 90;

/// Suggest complaints of the same customer that may be about the same.
#[utoipa::path(
    operation_id = "list_related_complaints",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number"), RelatedQuery),
    responses(
        (status = 200, description = "Suggestions, best first", body = RelatedComplaints),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/related")]
pub async fn list_related_complaints(
    context: web::Data<Context>,
    who: Who,
    id: Which,
    query: Query<RelatedQuery>,
) -> problem::Result<HttpResponse> {
    let days = query.0.days.unwrap_or(DAYS);
    Ok(HttpResponse::Ok().json(queries::related(&context.db, &who.0, &id.0, days).await?))
}

/// List what a complaint is linked to, from either side.
#[utoipa::path(
    operation_id = "list_complaint_links",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    responses(
        (status = 200, description = "The links, oldest first", body = ComplaintLinks),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/links")]
pub async fn list_complaint_links(context: web::Data<Context>, who: Who, id: Which) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::links(&context.db, &who.0, &id.0).await?))
}

/// Link a complaint to another.
///
/// Linking the two again says anew what one is to the other.
#[utoipa::path(
    operation_id = "link_complaints",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewComplaintLink,
    responses(
        (status = 201, description = "Linked", body = ComplaintLink),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 422, description = "Some fields are wrong, or both are the same", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/links")]
pub async fn link_complaints(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewComplaintLink>,
) -> problem::Result<HttpResponse> {
    let link = commands::link_complaints(&context.db, &act, &who.0, &id.0, body.0).await?;
    Ok(HttpResponse::Created().json(link))
}
