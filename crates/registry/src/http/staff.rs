use actix_web::{HttpResponse, get, patch, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    BulkEmployees, BulkEmployeesQuery, BulkEmployeesResult, Employee, EmployeeId, EmployeePatch, EmployeeQuery,
    EmployeeUpsert, NewEmployee, NewTeam, Reports, ReportsQuery, Team, TeamId, TeamPatch,
};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::{ExternalId, Page, Reference};

use super::page;
use crate::commands::{self, UpsertedEmployee};
use crate::queries;

/// Create an employee.
#[utoipa::path(
    operation_id = "create_employee",
    tag = "staff",
    request_body = NewEmployee,
    responses(
        (status = 201, description = "Created", body = Employee),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["employees:manage"])),
)]
#[post("/api/v1/employees")]
pub async fn create_employee(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewEmployee>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_employee(&context.db, &act, body.0).await?))
}

/// List employees, by code unless sorted by any of code, name, updated_at.
#[utoipa::path(
    operation_id = "list_employees",
    tag = "staff",
    params(EmployeeQuery, ListQuery),
    responses((status = 200, description = "A page", body = Page<Employee>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/employees")]
pub async fn list_employees(
    context: web::Data<Context>,
    query: Query<EmployeeQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Employee>>> {
    let paging = Paging::parse(&list, &["code", "name", "updated_at"], "code")?;
    let listed = queries::list_employees(&context.db, &query.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Rows as they came, so that one bad row can be told from the others.
#[derive(Debug, Deserialize, ToSchema)]
struct LooseEmployees {
    #[schema(min_items = 1, max_items = 1000)]
    employees: Vec<serde_json::Value>,
}

/// Create or change up to 1,000 employees, known again by their codes.
#[utoipa::path(
    operation_id = "bulk_upsert_employees",
    tag = "staff",
    params(BulkEmployeesQuery),
    request_body = BulkEmployees,
    responses(
        (status = 200, description = "What became of each row, in its order", body = BulkEmployeesResult),
        (status = 422, description = "The mode is atomic and some rows are wrong", body = Problem),
    ),
    security(("caller" = ["employees:manage"])),
)]
#[post("/api/v1/employees/bulk")]
pub async fn bulk_upsert_employees(
    context: web::Data<Context>,
    act: Act,
    query: Query<BulkEmployeesQuery>,
    body: Body<LooseEmployees>,
) -> problem::Result<web::Json<BulkEmployeesResult>> {
    let rows = body.0.employees.into_iter().map(|row| http::parse::<EmployeeUpsert>(&context, row)).collect();
    Ok(web::Json(commands::bulk_upsert_employees(&context.db, &act, query.0.mode, rows).await?))
}

/// Take what the personnel system knows of an employee, by his key there. What a newer record has told stays.
#[utoipa::path(
    operation_id = "upsert_external_employee",
    tag = "staff",
    params(
        ("system" = String, Path, description = "The other system, such as `hr`"),
        ("id" = String, Path, description = "The employee's key there"),
    ),
    request_body = EmployeeUpsert,
    responses(
        (status = 200, description = "Known: changed, or left as he was", body = Employee),
        (status = 201, description = "Created", body = Employee),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["employees:manage"])),
)]
#[put("/api/v1/employees/external/{system}/{id}")]
pub async fn upsert_external_employee(
    context: web::Data<Context>,
    act: Act,
    path: Path<(String, String)>,
    body: Body<EmployeeUpsert>,
) -> problem::Result<HttpResponse> {
    let (system, id) = path.0;
    let key = ExternalId { system, id };
    Ok(match commands::upsert_external_employee(&context.db, &act, key, body.0).await? {
        UpsertedEmployee::Created(employee) => http::created(employee),
        UpsertedEmployee::Known(employee) => http::found(employee),
    })
}

/// Read an employee.
#[utoipa::path(
    operation_id = "get_employee",
    tag = "staff",
    params(("id" = String, Path, description = "The id or the code (`li.wei`)")),
    responses(
        (status = 200, description = "The employee", body = Employee),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/employees/{id}")]
pub async fn get_employee(
    context: web::Data<Context>,
    path: Path<Reference<EmployeeId>>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_employee(&context.db, &path.0).await?))
}

/// Change an employee.
#[utoipa::path(
    operation_id = "update_employee",
    tag = "staff",
    params(
        ("id" = String, Path, description = "The id or the code (`li.wei`)"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body(content = EmployeePatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The employee as he is now", body = Employee),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed him first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["employees:manage"])),
)]
#[patch("/api/v1/employees/{id}")]
pub async fn update_employee(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<EmployeeId>>,
    expected: IfMatch,
    body: Body<EmployeePatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_employee(&context.db, &act, &path.0, expected, body.0).await?))
}

/// List who reports to an employee, level by level.
#[utoipa::path(
    operation_id = "list_reports",
    tag = "staff",
    params(("id" = String, Path, description = "The id or the code (`li.wei`)"), ReportsQuery),
    responses(
        (status = 200, description = "Everyone below him, so far down", body = Reports),
        (status = 404, description = "There is no such employee", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/employees/{id}/reports")]
pub async fn list_reports(
    context: web::Data<Context>,
    path: Path<Reference<EmployeeId>>,
    query: Query<ReportsQuery>,
) -> problem::Result<web::Json<Reports>> {
    Ok(web::Json(queries::list_reports(&context.db, &path.0, query.0.depth.unwrap_or(1)).await?))
}

/// Create a team.
#[utoipa::path(
    operation_id = "create_team",
    tag = "staff",
    request_body = NewTeam,
    responses(
        (status = 201, description = "Created", body = Team),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["employees:manage"])),
)]
#[post("/api/v1/teams")]
pub async fn create_team(context: web::Data<Context>, act: Act, body: Body<NewTeam>) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_team(&context.db, &act, body.0).await?))
}

/// List teams, by code unless sorted by any of code, name.
#[utoipa::path(
    operation_id = "list_teams",
    tag = "staff",
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<Team>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/teams")]
pub async fn list_teams(context: web::Data<Context>, list: ListQuery) -> problem::Result<web::Json<Page<Team>>> {
    let paging = Paging::parse(&list, &["code", "name"], "code")?;
    let listed = queries::list_teams(&context.db, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a team.
#[utoipa::path(
    operation_id = "get_team",
    tag = "staff",
    params(("id" = String, Path, description = "The id or the code")),
    responses(
        (status = 200, description = "The team", body = Team),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/teams/{id}")]
pub async fn get_team(context: web::Data<Context>, path: Path<Reference<TeamId>>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_team(&context.db, &path.0).await?))
}

/// Change a team.
#[utoipa::path(
    operation_id = "update_team",
    tag = "staff",
    params(
        ("id" = String, Path, description = "The id or the code"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body(content = TeamPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The team as it is now", body = Team),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["employees:manage"])),
)]
#[patch("/api/v1/teams/{id}")]
pub async fn update_team(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<TeamId>>,
    expected: IfMatch,
    body: Body<TeamPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_team(&context.db, &act, &path.0, expected, body.0).await?))
}
