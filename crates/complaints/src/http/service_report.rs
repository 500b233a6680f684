use actix_web::{HttpResponse, get, http::header, web};
use chassis::http::Query;
use chassis::{Act, Context};
use complaints_contract::{ReportFormat, ReportPart, ServiceReport, ServiceReportQuery};
use problem::Problem;

use super::who::Who;
use crate::queries;

/// Report how complaints were served, period by period.
///
/// Complaints about our own people are not among them; who may see those is told how many there are.
#[utoipa::path(
    operation_id = "get_service_report",
    tag = "service levels",
    params(ServiceReportQuery),
    responses(
        (status = 200, description = "The report", content(
            (ServiceReport = "application/json"),
            (String = "text/csv"),
        )),
        (status = 403, description = "The caller may not see complaints about our own people", body = Problem),
        (status = 422, description = "The span, its zone or the groupings are wrong, or there would be more than 10,000 rows", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/service-report")]
pub async fn get_service_report(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    query: Query<ServiceReportQuery>,
) -> problem::Result<HttpResponse> {
    let report = queries::service_report(&context.db, &who.0, &query.0, act.at).await?;
    if query.0.format != Some(ReportFormat::Csv) {
        return Ok(HttpResponse::Ok().json(report));
    }
    let part = query.0.part.unwrap_or(ReportPart::Service);
    let name = match part {
        ReportPart::Service => "service-report",
        ReportPart::Staff => "staff-complaints",
    };
    Ok(csv(name, queries::service_report_csv(&report, part)?))
}

/// A file of this name.
pub(super) fn csv(name: &str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
        .body(text)
}
