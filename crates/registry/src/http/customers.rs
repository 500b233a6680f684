use actix_web::{HttpResponse, get, patch, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query};
use chassis::{Act, Caller, Context};
use problem::Problem;
use registry_contract::{
    BulkCustomers, BulkCustomersQuery, BulkResult, CustomFilters, Customer, CustomerId, CustomerMoved, CustomerPatch,
    CustomerQuery, CustomerUpsert, NewCustomer,
};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::{ExternalId, Page, Reference};

use super::merges::moved;
use super::{asked, page, sight};
use crate::commands::{self, Upserted};
use crate::queries;

const SORTS: &[&str] = &["name", "code", "created_at", "updated_at"];

/// Create a customer.
#[utoipa::path(
    operation_id = "create_customer",
    tag = "customers",
    request_body = NewCustomer,
    responses(
        (status = 201, description = "Created", body = Customer),
        (status = 409, description = "An external id or identifier belongs to another customer", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers")]
pub async fn create_customer(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewCustomer>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_customer(&context.db, &act, body.0).await?))
}

/// List customers, by name unless sorted by any of name, code, created_at, updated_at. Names stand in the order of their
/// letters, Chinese ones of their pinyin. With `q` and without `sort` those that fit best come first: the name itself, names
/// that begin so, codes and numbers, words of names, pinyin and initials, Chinese characters inside names, contacts.
#[utoipa::path(
    operation_id = "list_customers",
    tag = "customers",
    params(CustomerQuery, CustomFilters, ListQuery),
    responses((status = 200, description = "A page", body = Page<Customer>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers")]
pub async fn list_customers(
    context: web::Data<Context>,
    caller: Caller,
    query: Query<CustomerQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<Customer>>> {
    let sight = sight(&caller);
    if let Some(question) = asked(query.0.q.as_deref(), &list) {
        let paging = Paging::parse(&list, &["relevance"], "relevance")?;
        let (found, next) = queries::search_customers(&context.db, &question, &query.0, sight, &paging.request).await?;
        let items = found.items.into_iter().map(|customer| sight.of(customer)).collect();
        return Ok(web::Json(paging.going_on(items, found.count, next)));
    }
    let paging = Paging::parse(&list, SORTS, "name")?;
    let mut listed = queries::list_customers(&context.db, &query.0, sight, &paging.request).await?;
    listed.items = listed.items.into_iter().map(|customer| sight.of(customer)).collect();
    Ok(web::Json(page(&paging, listed)))
}

/// Rows as they came, so that one bad row can be told from the others.
#[derive(Debug, Deserialize, ToSchema)]
struct LooseRows {
    #[schema(min_items = 1, max_items = 1000)]
    customers: Vec<serde_json::Value>,
}

/// Create up to 1,000 customers.
#[utoipa::path(
    operation_id = "bulk_create_customers",
    tag = "customers",
    params(BulkCustomersQuery),
    request_body = BulkCustomers,
    responses(
        (status = 200, description = "What became of each row, in its order", body = BulkResult),
        (status = 409, description = "The mode is atomic and external ids or identifiers belong to other customers", body = Problem),
        (status = 422, description = "The mode is atomic and some rows are wrong", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers/bulk")]
pub async fn bulk_create_customers(
    context: web::Data<Context>,
    act: Act,
    query: Query<BulkCustomersQuery>,
    body: Body<LooseRows>,
) -> problem::Result<web::Json<BulkResult>> {
    let rows = body.0.customers.into_iter().map(|row| http::parse::<NewCustomer>(&context, row)).collect();
    Ok(web::Json(commands::bulk_create_customers(&context.db, &act, query.0.mode, rows).await?))
}

/// Take what another system knows of a customer, by its key there.
///
/// Records with `source_updated_at` may come late, again and in any order: the customer becomes what the newest of them make
/// it. Their `lifecycle` is taken as it is, also where it jumps stages, and the move kept. Their `tier` is proposed to people
/// from the first record on, the newest in place of those before it, and holds up nothing else. Without `source_updated_at`
/// the record that creates a customer gives its tier, and later stages go where a move leads.
#[utoipa::path(
    operation_id = "upsert_external_customer",
    tag = "customers",
    params(
        ("system" = String, Path, description = "The other system, such as `sap`"),
        ("id" = String, Path, description = "The customer's key there"),
    ),
    request_body = CustomerUpsert,
    responses(
        (status = 200, description = "Known: changed, or left as it was for a record that told nothing new", body = Customer),
        (status = 201, description = "Created", body = Customer),
        (status = 409, description = "Another of the external ids, or an identifier, belongs to another customer", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[put("/api/v1/customers/external/{system}/{id}")]
pub async fn upsert_external_customer(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    path: Path<(String, String)>,
    body: Body<CustomerUpsert>,
) -> problem::Result<HttpResponse> {
    let (system, id) = path.0;
    let key = ExternalId { system, id };
    Ok(match commands::upsert_external_customer(&context.db, &act, key, body.0).await? {
        Upserted::Created(customer) => http::created(customer),
        Upserted::Known(customer) => http::found(sight(&caller).of(customer)),
    })
}

/// Read a customer.
///
/// Without `contacts:read`, `phone`, `address`, `tax_id`, `identifiers` and `custom_fields` of consumers are empty.
#[utoipa::path(
    operation_id = "get_customer",
    tag = "customers",
    params(("id" = String, Path, description = "The id or the code (`C-000123`)")),
    responses(
        (status = 200, description = "The customer", body = Customer),
        (status = 301, description = "It was merged into another", body = CustomerMoved),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}")]
pub async fn get_customer(
    context: web::Data<Context>,
    caller: Caller,
    path: Path<Reference<CustomerId>>,
) -> problem::Result<HttpResponse> {
    Ok(match queries::find_customer(&context.db, &path.0).await? {
        queries::Whereabouts::Here(customer) => http::found(sight(&caller).of(*customer)),
        queries::Whereabouts::Moved(to) => moved(to),
    })
}

/// Change a customer. Its `lifecycle` goes where a move leads from the stage it is in; the move is kept.
#[utoipa::path(
    operation_id = "update_customer",
    tag = "customers",
    params(
        ("id" = String, Path, description = "The id or the code (`C-000123`)"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body(content = CustomerPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The customer as it is now", body = Customer),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "An external id or identifier belongs to another customer", body = Problem),
        (status = 412, description = "Someone else changed it first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[patch("/api/v1/customers/{id}")]
pub async fn update_customer(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    path: Path<Reference<CustomerId>>,
    expected: IfMatch,
    body: Body<CustomerPatch>,
) -> problem::Result<HttpResponse> {
    let customer = commands::update_customer(&context.db, &act, &path.0, expected, body.0).await?;
    Ok(http::found(sight(&caller).of(customer)))
}
