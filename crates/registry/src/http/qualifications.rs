use actix_web::{HttpResponse, get, post, web};
use chassis::http::{self, Body, ListQuery, Paging, Path};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    CustomerId, NewQualification, NewQualificationDecision, NewQualificationPolicy, Qualification, QualificationId,
    QualificationPolicy, QualificationPolicyId,
};
use wire::{Page, Reference};

use super::page;
use crate::{commands, queries};

/// Add the next version of the policy by which prospects are qualified.
#[utoipa::path(
    operation_id = "create_qualification_policy",
    tag = "qualifications",
    request_body = NewQualificationPolicy,
    responses(
        (status = 201, description = "Created", body = QualificationPolicy),
        (status = 409, description = "Another version was added meanwhile", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customer-policies:manage"])),
)]
#[post("/api/v1/qualification-policies")]
pub async fn create_qualification_policy(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewQualificationPolicy>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_qualification_policy(&context.db, &act, body.0).await?))
}

/// List the versions of the policy, the newest first unless sorted by `version`.
#[utoipa::path(
    operation_id = "list_qualification_policies",
    tag = "qualifications",
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<QualificationPolicy>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/qualification-policies")]
pub async fn list_qualification_policies(
    context: web::Data<Context>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<QualificationPolicy>>> {
    let paging = Paging::parse(&list, &["version"], "-version")?;
    Ok(web::Json(page(&paging, queries::list_qualification_policies(&context.db, &paging.request).await?)))
}

/// Read a version of the policy.
#[utoipa::path(
    operation_id = "get_qualification_policy",
    tag = "qualifications",
    params(("id" = QualificationPolicyId, Path)),
    responses(
        (status = 200, description = "The version", body = QualificationPolicy),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/qualification-policies/{id}")]
pub async fn get_qualification_policy(
    context: web::Data<Context>,
    path: Path<QualificationPolicyId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_qualification_policy(&context.db, path.0).await?))
}

/// Hold a customer against the policy: every question answered, scored at once.
#[utoipa::path(
    operation_id = "qualify_customer",
    tag = "qualifications",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    request_body = NewQualification,
    responses(
        (status = 201, description = "Created", body = Qualification),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers/{id}/qualifications")]
pub async fn qualify_customer(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    body: Body<NewQualification>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::qualify_customer(&context.db, &act, &path.0, body.0).await?))
}

/// List a customer's qualifications, the newest first unless sorted by `created_at`.
#[utoipa::path(
    operation_id = "list_qualifications",
    tag = "qualifications",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<Qualification>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/qualifications")]
pub async fn list_qualifications(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Qualification>>> {
    let paging = Paging::parse(&list, &["created_at"], "-created_at")?;
    Ok(web::Json(page(&paging, queries::list_qualifications(&context.db, &path.0, &paging.request).await?)))
}

/// Read a qualification.
#[utoipa::path(
    operation_id = "get_qualification",
    tag = "qualifications",
    params(("id" = QualificationId, Path)),
    responses(
        (status = 200, description = "The qualification", body = Qualification),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/qualifications/{id}")]
pub async fn get_qualification(
    context: web::Data<Context>,
    path: Path<QualificationId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_qualification(&context.db, path.0).await?))
}

/// Decide on a qualification. The score is advice; a knock-out can only be rejected.
#[utoipa::path(
    operation_id = "decide_qualification",
    tag = "qualifications",
    params(("id" = QualificationId, Path)),
    request_body = NewQualificationDecision,
    responses(
        (status = 200, description = "Decided", body = Qualification),
        (status = 403, description = "The caller is no person", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It was decided already, or is knocked out", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/qualifications/{id}/decision")]
pub async fn decide_qualification(
    context: web::Data<Context>,
    act: Act,
    path: Path<QualificationId>,
    body: Body<NewQualificationDecision>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::decide_qualification(&context.db, &act, path.0, body.0).await?))
}
