use actix_web::{get, web};
use chassis::http::Query;
use chassis::{Act, Caller, Context};
use registry_contract::{ContactReadKind, SearchHits, SearchQuery};

use super::sight;
use crate::queries;
use crate::reads::Reader;

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
    act: Act,
    caller: Caller,
    query: Query<SearchQuery>,
) -> problem::Result<web::Json<SearchHits>> {
    let hits = queries::search(&context.db, &query.0, sight(&caller)).await?;
    Reader::new(&context, &act, ContactReadKind::List).note(hits.contacts.iter().map(|contact| contact.id));
    Ok(web::Json(hits))
}
