use actix_web::{HttpResponse, get, patch, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    AccountTeam, AccountTeamQuery, CustomerId, EmployeeCustomer, EmployeeId, NewTeamMember, TeamMember, TeamMemberId,
    TeamMemberPatch,
};
use wire::{Page, Reference};

use super::page;
use crate::{commands, queries};

/// Read who works for a customer on a day, and who did before.
#[utoipa::path(
    operation_id = "get_account_team",
    tag = "account-teams",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), AccountTeamQuery),
    responses(
        (status = 200, description = "Owner and members", body = AccountTeam),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/team")]
pub async fn get_account_team(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    query: Query<AccountTeamQuery>,
) -> problem::Result<web::Json<AccountTeam>> {
    Ok(web::Json(queries::get_account_team(&context.db, &path.0, query.0.on, act.at).await?))
}

/// Put someone on a customer's team.
#[utoipa::path(
    operation_id = "create_team_member",
    tag = "account-teams",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    request_body = NewTeamMember,
    responses(
        (status = 201, description = "Created", body = TeamMember),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers/{id}/team")]
pub async fn create_team_member(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    body: Body<NewTeamMember>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_team_member(&context.db, &act, &path.0, body.0).await?))
}

/// Read a membership.
#[utoipa::path(
    operation_id = "get_team_member",
    tag = "account-teams",
    params(("id" = TeamMemberId, Path)),
    responses(
        (status = 200, description = "The membership", body = TeamMember),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/team-members/{id}")]
pub async fn get_team_member(context: web::Data<Context>, path: Path<TeamMemberId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_team_member(&context.db, path.0).await?))
}

/// End a membership, correct its days, or withdraw it where it never held.
#[utoipa::path(
    operation_id = "update_team_member",
    tag = "account-teams",
    params(
        ("id" = TeamMemberId, Path),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body(content = TeamMemberPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The membership as it is now", body = TeamMember),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[patch("/api/v1/team-members/{id}")]
pub async fn update_team_member(
    context: web::Data<Context>,
    act: Act,
    path: Path<TeamMemberId>,
    expected: IfMatch,
    body: Body<TeamMemberPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_team_member(&context.db, &act, path.0, expected, body.0).await?))
}

/// List the customers that an employee works for today, where each of them is, by code.
#[utoipa::path(
    operation_id = "list_employee_customers",
    tag = "account-teams",
    params(("id" = String, Path, description = "The employee's id or code (`li.wei`)"), ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<EmployeeCustomer>),
        (status = 404, description = "There is no such employee", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/employees/{id}/customers")]
pub async fn list_employee_customers(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<EmployeeId>>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<EmployeeCustomer>>> {
    let paging = Paging::parse(&list, &["code"], "code")?;
    let listed = queries::list_employee_customers(&context.db, &path.0, act.at, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}
