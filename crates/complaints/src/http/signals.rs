use actix_web::{HttpResponse, get, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use complaints_contract::{
    Complaint, Detector, DetectorReport, DetectorRule, NewSignalComplaint, NewVerdict, Signal, SignalId, SignalQuery,
};
use problem::Problem;
use wire::Page;

use crate::error::Error;
use crate::{commands, queries};

/// List signals, the latest first unless sorted by any of found_at, confidence.
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
#[utoipa::path(
    operation_id = "judge_signal",
    tag = "signals",
    params(("id" = SignalId, Path)),
    request_body = NewVerdict,
    responses(
        (status = 200, description = "Judged", body = Signal),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "A complaint was made of it already", body = Problem),
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

/// Make a complaint of a signal that was found true. Made already, that complaint is the answer.
#[utoipa::path(
    operation_id = "open_signal_complaint",
    tag = "signals",
    params(("id" = SignalId, Path)),
    request_body = NewSignalComplaint,
    responses(
        (status = 201, description = "Registered", body = Complaint),
        (status = 404, description = "There is no such signal", body = Problem),
        (status = 409, description = "It was not found true", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[post("/api/v1/signals/{id}/complaint")]
pub async fn open_signal_complaint(
    context: web::Data<Context>,
    act: Act,
    id: Path<SignalId>,
    body: Body<NewSignalComplaint>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::open_signal_complaint(&context.db, &act, id.0, body.0).await?))
}

/// List the detectors with their rules, and how often each was right.
#[utoipa::path(
    operation_id = "list_detectors",
    tag = "signals",
    responses((status = 200, description = "All of them", body = Vec<DetectorReport>)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/detectors")]
pub async fn list_detectors(context: web::Data<Context>) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::detectors(&context.db).await?))
}

/// Read a detector.
#[utoipa::path(
    operation_id = "get_detector",
    tag = "signals",
    params(("detector" = String, Path, description = "Its name, such as `overdue_payments`")),
    responses(
        (status = 200, description = "Its rule and its precision", body = DetectorReport),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/detectors/{detector}")]
pub async fn get_detector(context: web::Data<Context>, name: Path<String>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::detector(&context.db, named(&name.0)?).await?))
}

/// Set when a detector speaks up.
#[utoipa::path(
    operation_id = "set_detector_rule",
    tag = "signals",
    params(
        ("detector" = String, Path, description = "Its name, such as `overdue_payments`"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body = DetectorRule,
    responses(
        (status = 200, description = "The detector with its rule", body = DetectorReport),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "It was changed since", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["complaints:manage"])),
)]
#[put("/api/v1/detectors/{detector}")]
pub async fn set_detector_rule(
    context: web::Data<Context>,
    act: Act,
    name: Path<String>,
    expected: IfMatch,
    body: Body<DetectorRule>,
) -> problem::Result<HttpResponse> {
    let detector = named(&name.0)?;
    Ok(http::found(commands::set_detector_rule(&context.db, &act, detector, expected, body.0).await?))
}

fn named(name: &str) -> Result<Detector, Error> {
    name.parse().map_err(|_| Error::DetectorNotFound(name.to_owned()))
}
