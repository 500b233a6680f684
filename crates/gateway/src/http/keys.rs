use actix_web::{HttpResponse, delete, get, http::header, post, web};
use chassis::{
    Act,
    http::{self, Body, ListQuery, Paging, Path, Query},
};
use problem::Problem;
use wire::Page;

use crate::{
    commands,
    gateway::Gateway,
    queries,
    v1::{ApiKey, ApiKeyFilter, ApiKeyId, IssuedApiKey, NewApiKey},
};

const SORTS: &[&str] = &["name", "created_at"];

/// Issues an API key, and shows it this once.
#[utoipa::path(
    operation_id = "issue_api_key",
    tag = "api-keys",
    request_body = NewApiKey,
    responses(
        (status = 201, body = IssuedApiKey, headers(("Location" = String))),
        (status = 409, body = Problem, description = "The same request has issued it already, and it is shown once."),
        (status = 422, body = Problem, description = "Some fields are wrong."),
    ),
    security(("caller" = ["api-keys:manage"])),
)]
#[post("/api/v1/api-keys")]
pub async fn issue_api_key(
    gateway: web::Data<Gateway>,
    act: Act,
    body: Body<NewApiKey>,
) -> problem::Result<HttpResponse> {
    let mut response = http::created(commands::issue_api_key(&gateway.db, &act, body.0).await?);
    response.headers_mut().insert(header::CACHE_CONTROL, super::NO_STORE);
    Ok(response)
}

/// Lists API keys, without the keys themselves.
#[utoipa::path(
    operation_id = "list_api_keys",
    tag = "api-keys",
    params(ApiKeyFilter, ListQuery),
    responses((status = 200, body = Page<ApiKey>)),
    security(("caller" = ["api-keys:manage"])),
)]
#[get("/api/v1/api-keys")]
pub async fn list_api_keys(
    gateway: web::Data<Gateway>,
    filter: Query<ApiKeyFilter>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<ApiKey>>> {
    let paging = Paging::parse(&list, SORTS, "-created_at")?;
    let (keys, count) = queries::list_api_keys(&gateway.db, &filter.0, &paging.request).await?;
    Ok(web::Json(paging.counted(keys, count)))
}

/// Shows an API key, without the key itself.
#[utoipa::path(
    operation_id = "get_api_key",
    tag = "api-keys",
    params(("id" = ApiKeyId, Path)),
    responses(
        (status = 200, body = ApiKey, headers(("ETag" = String))),
        (status = 404, body = Problem, description = "There is no such key."),
    ),
    security(("caller" = ["api-keys:manage"])),
)]
#[get("/api/v1/api-keys/{id}")]
pub async fn get_api_key(gateway: web::Data<Gateway>, id: Path<ApiKeyId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_api_key(&gateway.db, id.0).await?))
}

/// Revokes an API key: it is refused from now on. Needs no `If-Match`, since nothing anyone else did to the key could
/// make this the wrong thing to do.
#[utoipa::path(
    operation_id = "revoke_api_key",
    tag = "api-keys",
    params(("id" = ApiKeyId, Path)),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 404, body = Problem, description = "There is no such key."),
        (status = 409, body = Problem, description = "Nobody would be left to administer."),
    ),
    security(("caller" = ["api-keys:manage"])),
)]
#[delete("/api/v1/api-keys/{id}")]
pub async fn revoke_api_key(
    gateway: web::Data<Gateway>,
    act: Act,
    id: Path<ApiKeyId>,
) -> problem::Result<HttpResponse> {
    commands::revoke_api_key(&gateway.db, &gateway.callers, &act, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
