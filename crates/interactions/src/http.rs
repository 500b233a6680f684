use actix_web::{HttpResponse, get, patch, post, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Caller, Context};
use interactions_contract::{
    AgendaItem, AgendaQuery, BulkInteractions, BulkInteractionsQuery, BulkInteractionsResult, Interaction,
    InteractionId, InteractionPatch, InteractionQuery, NewInteraction,
};
use problem::Problem;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use wire::{Page, Reference};

use crate::{commands, queries};

#[derive(OpenApi)]
#[openapi(tags(
    (name = "interactions", description = "What took place between the customers' people and ours (客户接触)"),
    (name = "agenda", description = "Contacts that are due (待办)"),
))]
struct Document;

pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

pub fn routes(config: &mut chassis::Routes) {
    config
        .service(log_interaction)
        .service(bulk_log_interactions)
        .service(list_interactions)
        .service(get_interaction)
        .service(amend_interaction)
        .service(list_agenda);
}

/// Log an interaction.
#[utoipa::path(
    operation_id = "log_interaction",
    tag = "interactions",
    request_body = NewInteraction,
    responses(
        (status = 201, description = "Logged", body = Interaction),
        (status = 422, description = "Some fields are wrong, or no customer has this code", body = Problem),
    ),
    security(("caller" = ["interactions:write"])),
)]
#[post("/api/v1/interactions")]
async fn log_interaction(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewInteraction>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::log_interaction(&context.db, &act, body.0).await?))
}

/// Rows as they came, so that one bad row can be told from the others.
#[derive(Deserialize, ToSchema)]
struct LooseRows {
    #[schema(min_items = 1, max_items = 1000)]
    interactions: Vec<serde_json::Value>,
}

/// Log up to 1,000 interactions.
#[utoipa::path(
    operation_id = "bulk_log_interactions",
    tag = "interactions",
    params(BulkInteractionsQuery),
    request_body = BulkInteractions,
    responses(
        (status = 200, description = "What became of each row, in its order", body = BulkInteractionsResult),
        (status = 422, description = "Some rows are wrong and the mode is atomic", body = Problem),
    ),
    security(("caller" = ["interactions:write"])),
)]
#[post("/api/v1/interactions/bulk")]
async fn bulk_log_interactions(
    context: web::Data<Context>,
    act: Act,
    query: Query<BulkInteractionsQuery>,
    body: Body<LooseRows>,
) -> problem::Result<web::Json<BulkInteractionsResult>> {
    let rows = body.0.interactions.into_iter().map(|row| http::parse::<NewInteraction>(&context, row)).collect();
    Ok(web::Json(commands::bulk_log_interactions(&context.db, &act, query.0.mode, rows).await?))
}

/// List interactions, latest first unless sorted by any of occurred_at, created_at, updated_at.
#[utoipa::path(
    operation_id = "list_interactions",
    tag = "interactions",
    params(InteractionQuery, ListQuery),
    responses((status = 200, description = "A page of interactions", body = Page<Interaction>)),
    security(("caller" = ["interactions:read"])),
)]
#[get("/api/v1/interactions")]
async fn list_interactions(
    context: web::Data<Context>,
    query: Query<InteractionQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Interaction>>> {
    let paging = Paging::parse(&list, &["occurred_at", "created_at", "updated_at"], "-occurred_at")?;
    let (rows, count) = queries::interactions(&context.db, query.0, &paging.request).await?;
    Ok(web::Json(paging.counted(rows, count)))
}

/// Read an interaction.
#[utoipa::path(
    operation_id = "get_interaction",
    tag = "interactions",
    params(("id" = String, Path, description = "Its id or its code, such as `I-000123`")),
    responses(
        (status = 200, description = "The interaction; its version is the ETag", body = Interaction),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["interactions:read"])),
)]
#[get("/api/v1/interactions/{id}")]
async fn get_interaction(
    context: web::Data<Context>,
    id: Path<Reference<InteractionId>>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::interaction(&context.db, &id.0).await?))
}

/// Correct an interaction.
#[utoipa::path(
    operation_id = "amend_interaction",
    tag = "interactions",
    params(
        ("id" = String, Path, description = "Its id or its code"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body(content = InteractionPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The interaction as it is now", body = Interaction),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "It was changed since", body = Problem),
        (status = 422, description = "Some fields are wrong, or no customer has this code", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["interactions:write"])),
)]
#[patch("/api/v1/interactions/{id}")]
async fn amend_interaction(
    context: web::Data<Context>,
    act: Act,
    id: Path<Reference<InteractionId>>,
    expected: IfMatch,
    body: Body<InteractionPatch>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::amend_interaction(&context.db, &act, &id.0, expected, body.0).await?))
}

/// A key may be called like a user, but is none.
fn login(caller: &Caller) -> Option<&str> {
    caller.id.starts_with("user:").then_some(caller.name.as_str())
}

/// List the contacts that are due, soonest first unless sorted by -due_at.
///
/// What concerns our own people is shown to its owner only.
#[utoipa::path(
    operation_id = "list_agenda",
    tag = "agenda",
    params(AgendaQuery, ListQuery),
    responses((status = 200, description = "A page of what is still due", body = Page<AgendaItem>)),
    security(("caller" = ["interactions:read"])),
)]
#[get("/api/v1/agenda")]
async fn list_agenda(
    context: web::Data<Context>,
    caller: Caller,
    query: Query<AgendaQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<AgendaItem>>> {
    let paging = Paging::parse(&list, &["due_at"], "due_at")?;
    let (rows, count) = queries::agenda(&context.db, query.0, login(&caller), &paging.request).await?;
    Ok(web::Json(paging.counted(rows, count)))
}
