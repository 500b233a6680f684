use actix_web::{get, web};
use chassis::http::Query;
use chassis::{Caller, Context};
use registry_contract::{SearchHits, SearchQuery};

use super::sight;
use crate::queries;

/// Find customers and contacts as somebody types.
#[utoipa::path(
    operation_id = "search",
    tag = "customers",
    params(SearchQuery),
    responses((status = 200, description = "The best hits", body = SearchHits)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/search")]
pub async fn search(
    context: web::Data<Context>,
    caller: Caller,
    query: Query<SearchQuery>,
) -> problem::Result<web::Json<SearchHits>> {
    Ok(web::Json(queries::search(&context.db, &query.0, sight(&caller)).await?))
}
