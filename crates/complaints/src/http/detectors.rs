use actix_web::{HttpResponse, get, put, web};
use chassis::http::{self, Body, IfMatch, Path, Query};
use chassis::{Act, Context};
use complaints_contract::{Detector, DetectorInForce, DetectorReport, DetectorReportQuery, DetectorRule, Detectors};
use problem::Problem;

use crate::error::Error;
use crate::{commands, queries};

/// List the detectors with their rules.
#[utoipa::path(
    operation_id = "list_detectors",
    tag = "signals",
    responses((status = 200, description = "All of them", body = Detectors)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/detectors")]
pub async fn list_detectors(context: web::Data<Context>) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::detectors(&context.db).await?))
}

/// Report how often each detector was right.
#[utoipa::path(
    operation_id = "get_detector_report",
    tag = "signals",
    params(DetectorReportQuery),
    responses((status = 200, description = "A row for each detector", body = DetectorReport)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/detectors/report")]
pub async fn get_detector_report(
    context: web::Data<Context>,
    query: Query<DetectorReportQuery>,
) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::detector_report(&context.db, query.0).await?))
}

/// Read a detector's rule.
#[utoipa::path(
    operation_id = "get_detector",
    tag = "signals",
    params(("detector" = String, Path, description = "Its name, such as `overdue_payments`")),
    responses(
        (status = 200, description = "The rule in force", body = DetectorInForce),
        (status = 404, description = "There is no such detector", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/detectors/{detector}")]
pub async fn get_detector(context: web::Data<Context>, name: Path<String>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::detector(&context.db, named(&name.0)?).await?))
}

/// Set when a detector speaks up.
///
/// Every customer is looked at by the new rule; what it would not have found is not taken back.
#[utoipa::path(
    operation_id = "set_detector_rule",
    tag = "signals",
    params(
        ("detector" = String, Path, description = "Its name, such as `overdue_payments`"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body = DetectorRule,
    responses(
        (status = 200, description = "The rule in force", body = DetectorInForce),
        (status = 404, description = "There is no such detector", body = Problem),
        (status = 412, description = "It was changed since", body = Problem),
        (status = 422, description = "By this rule it could never speak", body = Problem),
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
