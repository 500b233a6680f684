//! The steps that not every complaint takes.

use actix_web::{HttpResponse, post, web};
use chassis::http::{self, Body};
use chassis::{Act, Context};
use complaints_contract::{
    Complaint, NewAcceptance, NewContainment, NewCustomerMessage, NewEscalation, NewFollowUp, NewInvestigation,
    NewRejection, NewResumption, NewUpdate, NewWait,
};
use problem::Problem;

use super::transitions::Which;
use super::who::Who;
use crate::commands;

/// Put someone to work on a complaint that was assessed, answered or escalated.
#[utoipa::path(
    operation_id = "investigate_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewInvestigation,
    responses(
        (status = 200, description = "Under investigation", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/investigation")]
pub async fn investigate_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewInvestigation>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::investigate_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Note that the customer takes our answer.
#[utoipa::path(
    operation_id = "accept_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewAcceptance,
    responses(
        (status = 200, description = "Accepted", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/acceptance")]
pub async fn accept_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewAcceptance>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::accept_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Give a complaint to those above, mostly because the customer does not take our answer.
#[utoipa::path(
    operation_id = "escalate_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewEscalation,
    responses(
        (status = 200, description = "Escalated", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:lead"])),
)]
#[post("/api/v1/complaints/{id}/escalations")]
pub async fn escalate_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewEscalation>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::escalate_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Wait for the customer: the clocks stand still meanwhile.
#[utoipa::path(
    operation_id = "wait_for_customer",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewWait,
    responses(
        (status = 200, description = "Waiting", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/wait")]
pub async fn wait_for_customer(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewWait>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::wait_for_customer(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// End a wait for the customer.
///
/// The complaint goes on where it stood.
#[utoipa::path(
    operation_id = "resume_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewResumption,
    responses(
        (status = 200, description = "Resumed", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/resume")]
pub async fn resume_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewResumption>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::resume_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Note that the harm was kept from growing.
#[utoipa::path(
    operation_id = "contain_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewContainment,
    responses(
        (status = 200, description = "Noted", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/containment")]
pub async fn contain_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewContainment>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::contain_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Tell the customer how far we are.
#[utoipa::path(
    operation_id = "inform_customer",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewUpdate,
    responses(
        (status = 200, description = "Told", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/updates")]
pub async fn inform_customer(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewUpdate>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::inform_customer(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Note what the customer wrote or said.
///
/// Ends a wait for the customer.
#[utoipa::path(
    operation_id = "hear_customer",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewCustomerMessage,
    responses(
        (status = 200, description = "Noted", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[post("/api/v1/complaints/{id}/customer-messages")]
pub async fn hear_customer(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewCustomerMessage>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::hear_customer(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Note that the customer was asked again after the complaint was closed.
#[utoipa::path(
    operation_id = "follow_up_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewFollowUp,
    responses(
        (status = 200, description = "Followed up", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/follow-up")]
pub async fn follow_up_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewFollowUp>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::follow_up_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}

/// Turn a complaint down, telling the customer why.
#[utoipa::path(
    operation_id = "reject_complaint",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    request_body = NewRejection,
    responses(
        (status = 200, description = "Turned down", body = Complaint),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:lead"])),
)]
#[post("/api/v1/complaints/{id}/rejection")]
pub async fn reject_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    body: Body<NewRejection>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::reject_complaint(&context.db, &act, &who.0, &id.0, body.0).await?))
}
