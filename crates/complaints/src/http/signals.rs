use actix_web::{HttpResponse, get, post, web};
use chassis::http::{self, Body, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use complaints_contract::{Complaint, NewSignalComplaint, NewVerdict, Signal, SignalId, SignalQuery};
use problem::Problem;
use wire::Page;

use super::who::Who;
use crate::{commands, queries};

/// List signals, the latest found first unless sorted by any of found_at, confidence.
///
/// With `complaint_id`, the one that a complaint was made of.
#[utoipa::path(
    operation_id = "list_signals",
    tag = "signals",
    params(SignalQuery, ListQuery),
    responses((status = 200, description = "A page of signals", body = Page<Signal>)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/signals")]
pub async fn list_signals(
    context: web::Data<Context>,
    query: Query<SignalQuery>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["found_at", "confidence"], "-found_at")?;
    let (rows, count) = queries::list_signals(&context.db, &query.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Read a signal.
#[utoipa::path(
    operation_id = "get_signal",
    tag = "signals",
    params(("id" = SignalId, Path)),
    responses(
        (status = 200, description = "The signal", body = Signal),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/signals/{id}")]
pub async fn get_signal(context: web::Data<Context>, id: Path<SignalId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::signal(&context.db, id.0).await?))
}

/// Say what a signal was found to be.
///
/// The verdict may be corrected as long as no complaint was made of it. What was judged is found again only by new facts.
#[utoipa::path(
    operation_id = "judge_signal",
    tag = "signals",
    params(("id" = SignalId, Path)),
    request_body = NewVerdict,
    responses(
        (status = 200, description = "Judged", body = Signal),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "A complaint was made of it, or another signal says the same", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[post("/api/v1/signals/{id}/verdict")]
pub async fn judge_signal(
    context: web::Data<Context>,
    act: Act,
    id: Path<SignalId>,
    body: Body<NewVerdict>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::judge_signal(&context.db, &act, id.0, &body.0).await?))
}

/// Make a complaint of a signal that was found true. The customer, who has not complained, is told nothing.
#[utoipa::path(
    operation_id = "open_signal_complaint",
    tag = "signals",
    params(("id" = SignalId, Path)),
    request_body = NewSignalComplaint,
    responses(
        (status = 200, description = "It was made before: this is it", body = Complaint),
        (status = 201, description = "Registered", body = Complaint),
        (status = 404, description = "There is no such signal, or the complaint is not to be seen", body = Problem),
        (status = 409, description = "It was not found true", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[post("/api/v1/signals/{id}/complaint")]
pub async fn open_signal_complaint(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Path<SignalId>,
    body: Body<NewSignalComplaint>,
) -> problem::Result<HttpResponse> {
    let (complaint, is_new) = commands::open_signal_complaint(&context.db, &act, &who.0, id.0, body.0).await?;
    Ok(if is_new { http::created(complaint) } else { http::found(complaint) })
}
