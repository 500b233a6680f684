use actix_web::{HttpResponse, get, patch, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use complaints_contract::{
    ClosureRules, ClosureRulesInForce, ComplaintId, CorrectiveAction, CorrectiveActionId, CorrectiveActionPatch,
    CorrectiveActionQuery, NewCancellation, NewCompletion, NewCorrectiveAction, NewEffectivenessCheck,
};
use problem::Problem;
use wire::{Page, Reference};

use super::who::Who;
use crate::{commands, queries};

const SORTS: &[&str] = &["due", "owner"];

/// Take up an action against a cause.
#[utoipa::path(
    operation_id = "create_corrective_action",
    tag = "corrective actions",
    params(("id" = String, Path, description = "The complaint's id or its number")),
    request_body = NewCorrectiveAction,
    responses(
        (status = 201, description = "Taken up", body = CorrectiveAction),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaints/{id}/corrective-actions")]
pub async fn create_corrective_action(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<Reference<ComplaintId>>,
    body: Body<NewCorrectiveAction>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_corrective_action(&context.db, &act, &who.0, &id.0, &body.0).await?))
}

/// List the actions of a complaint, the first due first unless sorted by any of due, owner.
#[utoipa::path(
    operation_id = "list_complaint_corrective_actions",
    tag = "corrective actions",
    params(("id" = String, Path, description = "The complaint's id or its number"), ListQuery),
    responses(
        (status = 200, description = "A page of actions", body = Page<CorrectiveAction>),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/corrective-actions")]
pub async fn list_complaint_corrective_actions(
    context: web::Data<Context>,
    who: Who,
    id: Path<Reference<ComplaintId>>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, SORTS, "due")?;
    let (rows, count) = queries::list_complaint_actions(&context.db, &who.0, &id.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// List actions over all complaints, the first due first unless sorted by any of due, owner.
#[utoipa::path(
    operation_id = "list_corrective_actions",
    tag = "corrective actions",
    params(CorrectiveActionQuery, ListQuery),
    responses((status = 200, description = "A page of actions", body = Page<CorrectiveAction>)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/corrective-actions")]
pub async fn list_corrective_actions(
    context: web::Data<Context>,
    who: Who,
    query: Query<CorrectiveActionQuery>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, SORTS, "due")?;
    let (rows, count) = queries::list_corrective_actions(&context.db, &who.0, &query.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Read an action.
#[utoipa::path(
    operation_id = "get_corrective_action",
    tag = "corrective actions",
    params(("id" = CorrectiveActionId, Path)),
    responses(
        (status = 200, description = "The action", body = CorrectiveAction),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/corrective-actions/{id}")]
pub async fn get_corrective_action(
    context: web::Data<Context>,
    who: Who,
    id: Path<CorrectiveActionId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::corrective_action(&context.db, &who.0, id.0).await?))
}

/// Change an action that is open.
#[utoipa::path(
    operation_id = "amend_corrective_action",
    tag = "corrective actions",
    params(("id" = CorrectiveActionId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body(content = CorrectiveActionPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The action as it is now", body = CorrectiveAction),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is not open any more", body = Problem),
        (status = 412, description = "It was changed since", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[patch("/api/v1/corrective-actions/{id}")]
pub async fn amend_corrective_action(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<CorrectiveActionId>,
    expected: IfMatch,
    body: Body<CorrectiveActionPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::amend_corrective_action(&context.db, &act, &who.0, id.0, expected, &body.0).await?))
}

/// Say that an action is done, with what shows it.
#[utoipa::path(
    operation_id = "complete_corrective_action",
    tag = "corrective actions",
    params(("id" = CorrectiveActionId, Path)),
    request_body = NewCompletion,
    responses(
        (status = 200, description = "Done", body = CorrectiveAction),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is not open any more", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/corrective-actions/{id}/completion")]
pub async fn complete_corrective_action(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<CorrectiveActionId>,
    body: Body<NewCompletion>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::complete_corrective_action(&context.db, &act, &who.0, id.0, &body.0).await?))
}

/// Judge whether an action that is done has helped.
///
/// Someone else than who said that it was done; what did not help stays on record, and the next try is a new action.
#[utoipa::path(
    operation_id = "check_corrective_action",
    tag = "corrective actions",
    params(("id" = CorrectiveActionId, Path)),
    request_body = NewEffectivenessCheck,
    responses(
        (status = 200, description = "Judged", body = CorrectiveAction),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is not done, or the caller said himself that it was", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/corrective-actions/{id}/effectiveness-check")]
pub async fn check_corrective_action(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<CorrectiveActionId>,
    body: Body<NewEffectivenessCheck>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::check_corrective_action(&context.db, &act, &who.0, id.0, &body.0).await?))
}

/// Drop an action that is open.
#[utoipa::path(
    operation_id = "cancel_corrective_action",
    tag = "corrective actions",
    params(("id" = CorrectiveActionId, Path)),
    request_body = NewCancellation,
    responses(
        (status = 200, description = "Dropped", body = CorrectiveAction),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is not open any more", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/corrective-actions/{id}/cancellation")]
pub async fn cancel_corrective_action(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<CorrectiveActionId>,
    body: Body<NewCancellation>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::cancel_corrective_action(&context.db, &act, &who.0, id.0, &body.0).await?))
}

/// Read what a complaint must have before it may be closed.
#[utoipa::path(
    operation_id = "get_closure_rules",
    tag = "corrective actions",
    responses((status = 200, description = "The rules in force", body = ClosureRulesInForce)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/closure-rules")]
pub async fn get_closure_rules(context: web::Data<Context>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::closure_rules(&context.db).await?))
}

/// Set what a complaint must have before it may be closed.
#[utoipa::path(
    operation_id = "set_closure_rules",
    tag = "corrective actions",
    params(("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body = ClosureRules,
    responses(
        (status = 200, description = "The rules in force", body = ClosureRulesInForce),
        (status = 412, description = "They were changed since", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["complaints:manage"])),
)]
#[put("/api/v1/closure-rules")]
pub async fn set_closure_rules(
    context: web::Data<Context>,
    act: Act,
    expected: IfMatch,
    body: Body<ClosureRules>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::set_closure_rules(&context.db, &act, expected, body.0).await?))
}
