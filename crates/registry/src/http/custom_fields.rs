use actix_web::{HttpResponse, get, patch, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{CustomField, CustomFieldId, CustomFieldPatch, NewCustomField};
use wire::Page;

use super::page;
use crate::{commands, queries};

const SORTS: &[&str] = &["key"];

/// Add a field to customers.
#[utoipa::path(
    operation_id = "create_custom_field",
    tag = "custom-fields",
    request_body = NewCustomField,
    responses(
        (status = 201, description = "Created", body = CustomField),
        (status = 409, description = "The key is or was another field's", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["custom-fields:manage"])),
)]
#[post("/api/v1/custom-fields")]
pub async fn create_custom_field(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewCustomField>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_custom_field(&context.db, &act, body.0).await?))
}

/// List the fields that were added to customers, by key.
#[utoipa::path(
    operation_id = "list_custom_fields",
    tag = "custom-fields",
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<CustomField>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/custom-fields")]
pub async fn list_custom_fields(
    context: web::Data<Context>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<CustomField>>> {
    let paging = Paging::parse(&list, SORTS, "key")?;
    let listed = queries::list_custom_fields(&context.db, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a custom field.
#[utoipa::path(
    operation_id = "get_custom_field",
    tag = "custom-fields",
    params(("id" = CustomFieldId, Path)),
    responses(
        (status = 200, description = "The field", body = CustomField),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/custom-fields/{id}")]
pub async fn get_custom_field(context: web::Data<Context>, path: Path<CustomFieldId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_custom_field(&context.db, path.0).await?))
}

/// Change a custom field, or retire it.
#[utoipa::path(
    operation_id = "update_custom_field",
    tag = "custom-fields",
    params(
        ("id" = CustomFieldId, Path),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body(content = CustomFieldPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The field as it is now", body = CustomField),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong, or the type is to change while customers have values", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["custom-fields:manage"])),
)]
#[patch("/api/v1/custom-fields/{id}")]
pub async fn update_custom_field(
    context: web::Data<Context>,
    act: Act,
    path: Path<CustomFieldId>,
    expected: IfMatch,
    body: Body<CustomFieldPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::update_custom_field(&context.db, &act, path.0, expected, body.0).await?))
}
