use actix_web::{HttpResponse, delete, get, post, put, web};
use chassis::http::{self, Body, ListQuery, Paging, Path, Query};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    ChainDay, ChainQuery, ChainSeat, ChainSeatSettings, ContactReadKind, CustomerId, DecisionChain, Influence,
    InfluenceStrength, NewStance, PositionId, StanceId, StanceQuery, StanceReading,
};
use wire::{Page, Reference};

use super::page;
use crate::reads::Reader;
use crate::{commands, queries};

/// Read a decision chain as of a day: seats with holders, votes and stances, lines, coverage, and what is missing.
#[utoipa::path(
    operation_id = "get_decision_chain",
    tag = "decision-chains",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), ChainQuery, ChainDay),
    responses(
        (status = 200, description = "The chain", body = DecisionChain),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["decision-chains:read"])),
)]
#[get("/api/v1/customers/{id}/decision-chain")]
pub async fn get_decision_chain(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    chain: Query<ChainQuery>,
    day: Query<ChainDay>,
) -> problem::Result<web::Json<DecisionChain>> {
    let day = (day.0.as_of, act.at);
    let chain = queries::get_decision_chain(&context.db, &path.0, chain.0.opportunity, day).await?;
    let holders = chain.nodes.iter().flat_map(|node| &node.holders);
    Reader::new(&context, &act, ContactReadKind::DecisionChain).note(holders.map(|holder| holder.contact_id));
    Ok(web::Json(chain))
}

/// Set a seat's place in a chain, all of it anew: in an opportunity's, that it is in it and what differs there; in the
/// customer's own, our matching person.
#[utoipa::path(
    operation_id = "put_chain_seat",
    tag = "decision-chains",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("position_id" = PositionId, Path),
        ChainQuery,
    ),
    request_body = ChainSeatSettings,
    responses(
        (status = 200, description = "As it is now", body = ChainSeat),
        (status = 404, description = "There is no such customer, or it has no such position", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["decision-chains:write"])),
)]
#[put("/api/v1/customers/{id}/decision-chain/seats/{position_id}")]
pub async fn put_chain_seat(
    context: web::Data<Context>,
    act: Act,
    path: Path<(Reference<CustomerId>, PositionId)>,
    query: Query<ChainQuery>,
    body: Body<ChainSeatSettings>,
) -> problem::Result<web::Json<ChainSeat>> {
    let (customer, position) = path.0;
    let opportunity = query.0.opportunity;
    Ok(web::Json(commands::put_chain_seat(&context.db, &act, &customer, position, opportunity, body.0).await?))
}

/// Take a seat out of an opportunity's chain, or our matching person from it in the customer's own.
#[utoipa::path(
    operation_id = "delete_chain_seat",
    tag = "decision-chains",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("position_id" = PositionId, Path),
        ChainQuery,
    ),
    responses(
        (status = 204, description = "Done"),
        (status = 404, description = "There is no such customer or position, or nothing is set of it", body = Problem),
    ),
    security(("caller" = ["decision-chains:write"])),
)]
#[delete("/api/v1/customers/{id}/decision-chain/seats/{position_id}")]
pub async fn delete_chain_seat(
    context: web::Data<Context>,
    act: Act,
    path: Path<(Reference<CustomerId>, PositionId)>,
    query: Query<ChainQuery>,
) -> problem::Result<HttpResponse> {
    let (customer, position) = path.0;
    commands::delete_chain_seat(&context.db, &act, &customer, position, query.0.opportunity).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Set how strongly one seat sways another in a chain. An opportunity with influence of its own has only that.
#[utoipa::path(
    operation_id = "put_influence",
    tag = "decision-chains",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("from" = PositionId, Path, description = "Who sways"),
        ("to" = PositionId, Path, description = "Who is swayed"),
        ChainQuery,
    ),
    request_body = InfluenceStrength,
    responses(
        (status = 200, description = "As it is now", body = Influence),
        (status = 404, description = "There is no such customer, or it has no such position", body = Problem),
        (status = 422, description = "The strength is 0 or out of range; a seat would sway itself", body = Problem),
    ),
    security(("caller" = ["decision-chains:write"])),
)]
#[put("/api/v1/customers/{id}/decision-chain/influences/{from}/{to}")]
pub async fn put_influence(
    context: web::Data<Context>,
    act: Act,
    path: Path<(Reference<CustomerId>, PositionId, PositionId)>,
    query: Query<ChainQuery>,
    body: Body<InfluenceStrength>,
) -> problem::Result<web::Json<Influence>> {
    let (customer, from, to) = path.0;
    let opportunity = query.0.opportunity;
    Ok(web::Json(commands::put_influence(&context.db, &act, &customer, (from, to), opportunity, body.0).await?))
}

/// Delete the influence of one seat on another from a chain.
#[utoipa::path(
    operation_id = "delete_influence",
    tag = "decision-chains",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("from" = PositionId, Path, description = "Who sways"),
        ("to" = PositionId, Path, description = "Who is swayed"),
        ChainQuery,
    ),
    responses(
        (status = 204, description = "Done"),
        (status = 404, description = "There is no such customer or position, or no such influence", body = Problem),
    ),
    security(("caller" = ["decision-chains:write"])),
)]
#[delete("/api/v1/customers/{id}/decision-chain/influences/{from}/{to}")]
pub async fn delete_influence(
    context: web::Data<Context>,
    act: Act,
    path: Path<(Reference<CustomerId>, PositionId, PositionId)>,
    query: Query<ChainQuery>,
) -> problem::Result<HttpResponse> {
    let (customer, from, to) = path.0;
    commands::delete_influence(&context.db, &act, &customer, (from, to), query.0.opportunity).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Record what somebody of ours says a holder of a position thinks of us. Earlier readings are kept.
#[utoipa::path(
    operation_id = "create_stance",
    tag = "decision-chains",
    params(("id" = PositionId, Path, description = "The position")),
    request_body = NewStance,
    responses(
        (status = 201, description = "Created", body = StanceReading),
        (status = 404, description = "There is no such position", body = Problem),
        (status = 409, description = "The contact is erased", body = Problem),
        (status = 422, description = "Some fields are wrong, or the contact did not hold it on that day", body = Problem),
    ),
    security(("caller" = ["decision-chains:write"])),
)]
#[post("/api/v1/positions/{id}/stances")]
pub async fn create_stance(
    context: web::Data<Context>,
    act: Act,
    path: Path<PositionId>,
    body: Body<NewStance>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_stance(&context.db, &act, path.0, body.0).await?))
}

/// List what was read of the holders of a position, the latest first unless sorted by any of read_on, created_at.
#[utoipa::path(
    operation_id = "list_stances",
    tag = "decision-chains",
    params(("id" = PositionId, Path, description = "The position"), StanceQuery, ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<StanceReading>),
        (status = 404, description = "There is no such position", body = Problem),
    ),
    security(("caller" = ["decision-chains:read"])),
)]
#[get("/api/v1/positions/{id}/stances")]
pub async fn list_stances(
    context: web::Data<Context>,
    act: Act,
    path: Path<PositionId>,
    query: Query<StanceQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<StanceReading>>> {
    let paging = Paging::parse(&list, &["read_on", "created_at"], "-read_on,-created_at")?;
    let listed = queries::list_stances(&context.db, path.0, &query.0, &paging.request).await?;
    let page = page(&paging, listed);
    let contacts = page.items.iter().map(|reading| reading.contact_id);
    Reader::new(&context, &act, ContactReadKind::DecisionChain).note(contacts);
    Ok(web::Json(page))
}

/// Read a stance reading.
#[utoipa::path(
    operation_id = "get_stance",
    tag = "decision-chains",
    params(("id" = StanceId, Path)),
    responses(
        (status = 200, description = "The reading", body = StanceReading),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["decision-chains:read"])),
)]
#[get("/api/v1/stances/{id}")]
pub async fn get_stance(context: web::Data<Context>, act: Act, path: Path<StanceId>) -> problem::Result<HttpResponse> {
    let reading = queries::get_stance(&context.db, path.0).await?;
    Reader::new(&context, &act, ContactReadKind::DecisionChain).note([reading.contact_id]);
    Ok(http::found(reading))
}
