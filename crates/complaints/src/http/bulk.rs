use actix_web::{HttpResponse, post, web};
use chassis::http::{self, Body, Query};
use chassis::{Act, Context};
use complaints_contract::{
    BulkComplaintOutcome, BulkComplaints, BulkComplaintsQuery, BulkComplaintsResult, ImportOutcome, NewComplaint,
};
use problem::{Failure, Language, Problem};
use registry_contract::BulkMode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::who::Who;
use crate::Error;
use crate::commands::{self, Taken};

/// Rows as they came, so that one bad row can be told from the others.
#[derive(Deserialize, ToSchema)]
struct LooseRows {
    #[schema(min_items = 1, max_items = 1000)]
    complaints: Vec<serde_json::Value>,
}

/// Register up to 1,000 complaints.
#[utoipa::path(
    operation_id = "bulk_open_complaints",
    tag = "complaints",
    params(BulkComplaintsQuery),
    request_body = BulkComplaints,
    responses(
        (status = 200, description = "What became of each row, in its order", body = BulkComplaintsResult),
        (status = 422, description = "Some rows are wrong and the mode is atomic", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[post("/api/v1/complaints/bulk")]
pub async fn bulk_open_complaints(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    query: Query<BulkComplaintsQuery>,
    body: Body<LooseRows>,
) -> problem::Result<HttpResponse> {
    let mode = query.0.mode;
    let rows: Vec<_> = body.0.complaints.into_iter().map(|row| http::parse::<NewComplaint>(&context, row)).collect();
    let taken = commands::bulk_open_complaints(&context.db, &act, &who.0, mode, &rows).await?;
    Ok(HttpResponse::Ok().json(result(mode, taken)))
}

fn result(mode: BulkMode, rows: Vec<Result<Taken, Error>>) -> BulkComplaintsResult {
    let succeeded = rows.iter().filter(|row| row.is_ok()).count();
    BulkComplaintsResult {
        mode,
        succeeded,
        failed: rows.len() - succeeded,
        results: rows.into_iter().enumerate().map(|(row, taken)| outcome(row, taken)).collect(),
    }
}

fn outcome(row: usize, taken: Result<Taken, Error>) -> BulkComplaintOutcome {
    match taken {
        Ok((complaint, outcome)) => {
            let status = if outcome == ImportOutcome::Created { 201 } else { 200 };
            BulkComplaintOutcome { row, status, complaint: Some(complaint), problem: None }
        }
        Err(error) => {
            let problem = Failure::from(error).problem(Language::English);
            let status = problem.status;
            BulkComplaintOutcome { row, status, complaint: None, problem: serde_json::to_value(problem).ok() }
        }
    }
}
