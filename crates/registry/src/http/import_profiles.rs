use actix_web::{HttpResponse, delete, get, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{ImportProfile, ImportProfileId, NewImportProfile};
use wire::Page;

use super::page;
use crate::{commands, queries};

/// Keep how files of one kind are read, under a name that imports give as `profile`.
#[utoipa::path(
    operation_id = "create_import_profile",
    tag = "imports",
    request_body = NewImportProfile,
    responses(
        (status = 201, description = "Created", body = ImportProfile),
        (status = 422, description = "Some fields are wrong, or the name is taken", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[post("/api/v1/import-profiles")]
pub async fn create_import_profile(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewImportProfile>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_import_profile(&context.db, &act, body.0).await?))
}

/// List import profiles by name.
#[utoipa::path(
    operation_id = "list_import_profiles",
    tag = "imports",
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<ImportProfile>)),
    security(("caller" = ["imports:write"])),
)]
#[get("/api/v1/import-profiles")]
pub async fn list_import_profiles(
    context: web::Data<Context>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<ImportProfile>>> {
    let paging = Paging::parse(&list, &["name"], "name")?;
    let listed = queries::list_import_profiles(&context.db, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read an import profile.
#[utoipa::path(
    operation_id = "get_import_profile",
    tag = "imports",
    params(("id" = ImportProfileId, Path)),
    responses(
        (status = 200, description = "The profile", body = ImportProfile),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[get("/api/v1/import-profiles/{id}")]
pub async fn get_import_profile(
    context: web::Data<Context>,
    path: Path<ImportProfileId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_import_profile(&context.db, path.0).await?))
}

/// Replace an import profile. Imports under way go on as they began.
#[utoipa::path(
    operation_id = "replace_import_profile",
    tag = "imports",
    params(("id" = ImportProfileId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body = NewImportProfile,
    responses(
        (status = 200, description = "The profile as it is now", body = ImportProfile),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong, or the name is taken", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[put("/api/v1/import-profiles/{id}")]
pub async fn replace_import_profile(
    context: web::Data<Context>,
    act: Act,
    path: Path<ImportProfileId>,
    expected: IfMatch,
    body: Body<NewImportProfile>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::replace_import_profile(&context.db, &act, path.0, expected, body.0).await?))
}

/// Delete an import profile. What was imported with it stays.
#[utoipa::path(
    operation_id = "delete_import_profile",
    tag = "imports",
    params(("id" = ImportProfileId, Path), ("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[delete("/api/v1/import-profiles/{id}")]
pub async fn delete_import_profile(
    context: web::Data<Context>,
    act: Act,
    path: Path<ImportProfileId>,
    expected: IfMatch,
) -> problem::Result<HttpResponse> {
    commands::delete_import_profile(&context.db, &act, path.0, expected).await?;
    Ok(HttpResponse::NoContent().finish())
}
