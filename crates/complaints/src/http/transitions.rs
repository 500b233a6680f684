use actix_web::{HttpResponse, post, web};
use chassis::http::{self, Body, Path};
use chassis::{Act, Context};
use complaints_contract::{
    Complaint, ComplaintId, NewAcknowledgement, NewAssessment, NewClosure, NewReopening, NewResolution, NewResponse,
    NewWithdrawal,
};
use problem::Problem;
use wire::Reference;

use super::who::Who;
use crate::commands;

pub type Which = Path<Reference<ComplaintId>>;

/// Tell the customer that we have the complaint.
#[utoipa::path(
    operation_id = "acknowledge_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewAcknowledgement,
    responses(
        (status = 200, description = "Acknowledged", body = Complaint),
        (status = 403, description = "Not for this caller in its state", body = Problem),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/acknowledgement")]
pub async fn acknowledge_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewAcknowledgement>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::acknowledge_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Judge a complaint; what is worked on already stays so.
#[utoipa::path(
    operation_id = "assess_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewAssessment,
    responses(
        (status = 200, description = "Assessed", body = Complaint),
        (status = 403, description = "Not for this caller in its state", body = Problem),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/assessment")]
pub async fn assess_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewAssessment>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::assess_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Answer the customer.
///
/// Acknowledges too, where nobody has yet.
#[utoipa::path(
    operation_id = "respond_to_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewResponse,
    responses(
        (status = 200, description = "Answered", body = Complaint),
        (status = 403, description = "Not for this caller in its state", body = Problem),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/responses")]
pub async fn respond_to_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewResponse>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::respond_to_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Settle a complaint that was answered.
#[utoipa::path(
    operation_id = "resolve_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewResolution,
    responses(
        (status = 200, description = "Settled", body = Complaint),
        (status = 403, description = "Not for this caller in its state", body = Problem),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/resolution")]
pub async fn resolve_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewResolution>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::resolve_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Close a complaint that is resolved.
///
/// What the customer has not accepted only a lead (`complaints:lead`) closes.
#[utoipa::path(
    operation_id = "close_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewClosure,
    responses(
        (status = 200, description = "Closed", body = Complaint),
        (status = 403, description = "Not for this caller in its state", body = Problem),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/closure")]
pub async fn close_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewClosure>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::close_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Take a settled complaint up again.
#[utoipa::path(
    operation_id = "reopen_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewReopening,
    responses(
        (status = 200, description = "Under investigation again", body = Complaint),
        (status = 403, description = "Not for this caller in its state", body = Problem),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/reopen")]
pub async fn reopen_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewReopening>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::reopen_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Note that the customer takes the complaint back.
#[utoipa::path(
    operation_id = "withdraw_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewWithdrawal,
    responses(
        (status = 200, description = "Taken back", body = Complaint),
        (status = 403, description = "Not for this caller in its state", body = Problem),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/withdrawal")]
pub async fn withdraw_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewWithdrawal>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::withdraw_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}
