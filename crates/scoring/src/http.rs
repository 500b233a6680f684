use actix_web::{HttpResponse, get, post, web};
use chassis::http::{self, Body, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::CustomerId;
use scoring_contract::{Explanation, Rescored, Rescoring, Score, ScorePolicy, ScoreQuery, ScoreRevision};
use serde::Serialize;
use utoipa::OpenApi;
use wire::{Page, Reference};

use crate::{commands, domain, queries};

#[derive(OpenApi)]
#[openapi(tags((name = "scoring", description = "How close and how content every customer is, and why (评分)")))]
struct Document;

pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

pub fn routes(config: &mut chassis::Routes) {
    config
        .service(get_score)
        .service(list_score_history)
        .service(explain_score)
        .service(list_scores)
        .service(list_score_policies)
        .service(start_rescoring);
}

/// Read a customer's score.
#[utoipa::path(
    operation_id = "get_score",
    tag = "scoring",
    params(("id" = String, Path, description = "The customer's id or code")),
    responses(
        (status = 200, description = "The score; its version is the ETag", body = Score),
        (status = 404, description = "The customer is unknown, or was registered just now", body = Problem),
    ),
    security(("caller" = ["scores:read"])),
)]
#[get("/api/v1/customers/{id}/score")]
async fn get_score(context: web::Data<Context>, id: Path<Reference<CustomerId>>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::score(&context.db, &id.0).await?))
}

/// List the revisions of a customer's score, latest first.
#[utoipa::path(
    operation_id = "list_score_history",
    tag = "scoring",
    params(("id" = String, Path, description = "The customer's id or code"), ListQuery),
    responses(
        (status = 200, description = "A page of revisions", body = Page<ScoreRevision>),
        (status = 404, description = "The customer is unknown, or was registered just now", body = Problem),
    ),
    security(("caller" = ["scores:read"])),
)]
#[get("/api/v1/customers/{id}/score/history")]
async fn list_score_history(
    context: web::Data<Context>,
    id: Path<Reference<CustomerId>>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["version"], "-version")?;
    let (rows, count) = queries::history(&context.db, &id.0, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Read a customer's score with what it takes to check it against the sources.
#[utoipa::path(
    operation_id = "explain_score",
    tag = "scoring",
    params(("id" = String, Path, description = "The customer's id or code")),
    responses(
        (status = 200, description = "The score and the facts it rests on", body = Explanation),
        (status = 404, description = "The customer is unknown, or was registered just now", body = Problem),
    ),
    security(("caller" = ["scores:read"])),
)]
#[get("/api/v1/customers/{id}/score/explanation")]
async fn explain_score(context: web::Data<Context>, id: Path<Reference<CustomerId>>) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::explanation(&context.db, &id.0).await?))
}

/// What a score is listed by: cursors need the id by that name.
#[derive(Serialize)]
struct Listed {
    id: CustomerId,
    #[serde(flatten)]
    score: Score,
}

/// List scores, latest change first unless sorted by any of engagement, satisfaction, updated_at.
#[utoipa::path(
    operation_id = "list_scores",
    tag = "scoring",
    params(ScoreQuery, ListQuery),
    responses((status = 200, description = "A page of scores", body = Page<Score>)),
    security(("caller" = ["scores:read"])),
)]
#[get("/api/v1/scores")]
async fn list_scores(
    context: web::Data<Context>,
    query: Query<ScoreQuery>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["engagement", "satisfaction", "updated_at"], "-updated_at")?;
    let (rows, count) = queries::scores(&context.db, &query.0, &paging.request).await?;
    let listed = rows.into_iter().map(|score| Listed { id: score.customer_id, score }).collect();
    Ok(HttpResponse::Ok().json(paging.counted(listed, count).map(|listed| listed.score)))
}

/// List the policies scores are computed with, newest first.
#[utoipa::path(
    operation_id = "list_score_policies",
    tag = "scoring",
    responses((status = 200, description = "All policies", body = Page<ScorePolicy>)),
    security(("caller" = ["scores:read"])),
)]
#[get("/api/v1/score-policies")]
async fn list_score_policies() -> HttpResponse {
    HttpResponse::Ok().json(Page { items: domain::policies(), next_cursor: None, count: None })
}

/// Score all customers again, or some.
#[utoipa::path(
    operation_id = "start_rescoring",
    tag = "scoring",
    request_body = Rescoring,
    responses(
        (status = 202, description = "They will be scored again soon", body = Rescored),
        (status = 422, description = "Some of the customers are unknown", body = Problem),
    ),
    security(("caller" = ["scores:manage"])),
)]
#[post("/api/v1/rescoring")]
async fn start_rescoring(
    context: web::Data<Context>,
    act: Act,
    body: Body<Rescoring>,
) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Accepted().json(commands::start_rescoring(&context.db, &act, body.0).await?))
}
