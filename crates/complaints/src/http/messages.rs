//! What customers are told: the queue, for whoever brings it to them, and the words.

use actix_web::{HttpResponse, get, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use complaints_contract::{
    ClaimedMessages, ComplaintMessage, ComplaintMessageId, ComplaintMessageQuery, Happening, MessageTemplate,
    MessageTemplates, NewDelivery, NewMessageClaim, NewMessageTemplate,
};
use problem::Problem;
use wire::Page;

use super::transitions::Which;
use super::who::Who;
use crate::{commands, portal, queries};

/// List what whoever complained is sent, oldest first.
#[utoipa::path(
    operation_id = "list_complaint_messages",
    tag = "messages",
    params(("id" = String, Path, description = "Its id or its number"), ListQuery),
    responses(
        (status = 200, description = "A page of messages", body = Page<ComplaintMessage>),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/messages")]
pub async fn list_complaint_messages(
    context: web::Data<Context>,
    who: Who,
    id: Which,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["created_at"], "created_at")?;
    let (rows, count) = queries::messages(&context.db, &who.0, &id.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// List messages to customers, of all complaints, oldest first.
#[utoipa::path(
    operation_id = "list_messages",
    tag = "messages",
    params(ComplaintMessageQuery, ListQuery),
    responses((status = 200, description = "A page of messages", body = Page<ComplaintMessage>)),
    security(("caller" = ["complaints:handle"])),
)]
#[get("/api/v1/complaint-messages")]
pub async fn list_messages(
    context: web::Data<Context>,
    who: Who,
    query: Query<ComplaintMessageQuery>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["created_at"], "created_at")?;
    let (rows, count) = queries::all_messages(&context.db, &who.0, query.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Claim messages to bring to customers.
///
/// For mail servers and desks: what is claimed is nobody else's until the lease ends, and comes back to the queue then,
/// unless a report says what became of it. A message may so be brought twice. One that was claimed eight times without a
/// report has failed.
#[utoipa::path(
    operation_id = "claim_messages",
    tag = "messages",
    request_body = NewMessageClaim,
    responses(
        (status = 200, description = "Messages with their addresses", body = ClaimedMessages),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:deliver"])),
)]
#[post("/api/v1/complaint-messages/claims")]
pub async fn claim_messages(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewMessageClaim>,
) -> problem::Result<HttpResponse> {
    let page = portal::rating_page(&context);
    let claimed = commands::claim_messages(&context.db, &act, page.as_deref(), &body.0).await?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(claimed))
}

/// Say what became of a message.
///
/// What was sent counts as sent, also when the lease has ended. Of a failure, say at which of the message's `attempts` it
/// was: that of an earlier one changes nothing.
#[utoipa::path(
    operation_id = "report_message_delivery",
    tag = "messages",
    params(("id" = ComplaintMessageId, Path)),
    request_body = NewDelivery,
    responses(
        (status = 200, description = "Taken in", body = ComplaintMessage),
        (status = 404, description = "There is no such message", body = Problem),
        (status = 409, description = "Its state does not lead there", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:deliver"])),
)]
#[post("/api/v1/complaint-messages/{id}/delivery")]
pub async fn report_message_delivery(
    context: web::Data<Context>,
    act: Act,
    id: Path<ComplaintMessageId>,
    body: Body<NewDelivery>,
) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(commands::report_delivery(&context.db, &act, id.0, body.0).await?))
}

/// Queue a message again that has failed.
///
/// Once what was wrong is mended, such as the mail server. It is claimed as one that was never tried.
#[utoipa::path(
    operation_id = "retry_message",
    tag = "messages",
    params(("id" = ComplaintMessageId, Path)),
    responses(
        (status = 200, description = "Queued again", body = ComplaintMessage),
        (status = 404, description = "There is no such message", body = Problem),
        (status = 409, description = "It has not failed, or whoever complained was erased", body = Problem),
    ),
    security(("caller" = ["complaints:handle"])),
)]
#[post("/api/v1/complaint-messages/{id}/retry")]
pub async fn retry_message(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<ComplaintMessageId>,
) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(commands::retry_message(&context.db, &act, &who.0, id.0).await?))
}

/// List what customers are told at each step.
#[utoipa::path(
    operation_id = "list_message_templates",
    tag = "messages",
    responses((status = 200, description = "Every template in force", body = MessageTemplates)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/message-templates")]
pub async fn list_message_templates(context: web::Data<Context>) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::message_templates(&context.db).await?))
}

/// Read what customers are told at a step, in one language.
#[utoipa::path(
    operation_id = "get_message_template",
    tag = "messages",
    params(("step" = Happening, Path), ("language" = String, Path, description = "BCP 47, such as zh-CN")),
    responses(
        (status = 200, description = "The template in force", body = MessageTemplate),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/message-templates/{step}/{language}")]
pub async fn get_message_template(
    context: web::Data<Context>,
    path: Path<(Happening, String)>,
) -> problem::Result<HttpResponse> {
    let (step, language) = path.0;
    Ok(http::found(queries::message_template(&context.db, step, &language).await?))
}

/// Say in your own words what customers are told at a step.
///
/// Complaints in a language without a template are told in the one of its family, then in English.
#[utoipa::path(
    operation_id = "set_message_template",
    tag = "messages",
    params(
        ("step" = Happening, Path),
        ("language" = String, Path, description = "BCP 47, such as zh-CN"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body = NewMessageTemplate,
    responses(
        (status = 200, description = "The template in force", body = MessageTemplate),
        (status = 404, description = "Nothing is told at this step", body = Problem),
        (status = 412, description = "It was changed since", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["complaints:manage"])),
)]
#[put("/api/v1/message-templates/{step}/{language}")]
pub async fn set_message_template(
    context: web::Data<Context>,
    act: Act,
    path: Path<(Happening, String)>,
    expected: IfMatch,
    body: Body<NewMessageTemplate>,
) -> problem::Result<HttpResponse> {
    let (step, language) = path.0;
    let set = commands::set_message_template(&context.db, &act, step, &language, expected, body.0).await?;
    Ok(http::found(set))
}
