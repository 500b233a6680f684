use actix_web::{HttpResponse, get, post, web};
use chassis::http::{self, Body, ListQuery, Paging, Path};
use chassis::{Act, Context};
use complaints_contract::{NewSlaPolicy, SlaPolicy, SlaPolicyId};
use problem::Problem;
use wire::Page;

use crate::{commands, queries};

/// Make the policy that counts from now on.
///
/// The clocks of open complaints are reckoned anew, from their beginning; what has stopped stays judged as it was. Steps
/// of escalation that were taken are not taken again.
#[utoipa::path(
    operation_id = "create_sla_policy",
    tag = "service levels",
    request_body = NewSlaPolicy,
    responses(
        (status = 201, description = "It counts", body = SlaPolicy),
        (status = 422, description = "It is wrong; every fault is named", body = Problem),
    ),
    security(("caller" = ["service-levels:manage"])),
)]
#[post("/api/v1/sla-policies")]
pub async fn create_sla_policy(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewSlaPolicy>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_sla_policy(&context.db, &act, body.0).await?))
}

/// List policies, the latest first.
#[utoipa::path(
    operation_id = "list_sla_policies",
    tag = "service levels",
    params(ListQuery),
    responses((status = 200, description = "A page of policies", body = Page<SlaPolicy>)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/sla-policies")]
pub async fn list_sla_policies(context: web::Data<Context>, list: ListQuery) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["version"], "-version")?;
    let (rows, count) = queries::sla_policies(&context.db, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Read the policy that counts.
#[utoipa::path(
    operation_id = "get_current_sla_policy",
    tag = "service levels",
    responses((status = 200, description = "The latest policy", body = SlaPolicy)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/sla-policies/current")]
pub async fn get_current_sla_policy(context: web::Data<Context>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::latest_sla_policy(&context.db).await?))
}

/// Read a policy.
#[utoipa::path(
    operation_id = "get_sla_policy",
    tag = "service levels",
    params(("id" = SlaPolicyId, Path, description = "Its id")),
    responses(
        (status = 200, description = "The policy", body = SlaPolicy),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/sla-policies/{id}")]
pub async fn get_sla_policy(context: web::Data<Context>, id: Path<SlaPolicyId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::sla_policy(&context.db, id.0).await?))
}
