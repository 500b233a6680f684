//! Route table and handlers. Who may call what stands in each operation's `security`, which chassis enforces.

mod contacts;
mod customers;
mod imports;
mod merges;
mod seats;

use chassis::http::Paging;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;
use wire::Page;

use crate::queries::Listed;

#[derive(OpenApi)]
#[openapi(tags(
    (name = "customers", description = "Organisations and persons we have or want a relationship with (客户)"),
    (name = "contacts", description = "People at customers (联系人)"),
    (name = "seats", description = "Positions in customers' organisations, and who holds them (岗位)"),
    (name = "merges", description = "Two records of one customer made one, and the way back (合并)"),
    (name = "imports", description = "Files of customers (导入)"),
))]
struct Document;

pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Literal paths come before those with parameters: actix takes the first that fits.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(customers::create_customer)
        .service(customers::list_customers)
        .service(customers::bulk_create_customers)
        .service(customers::upsert_external_customer)
        .service(customers::get_customer)
        .service(customers::update_customer)
        .service(contacts::create_contact)
        .service(contacts::list_contacts)
        .service(contacts::get_contact)
        .service(contacts::update_contact)
        .service(seats::create_position)
        .service(seats::list_positions)
        .service(seats::get_position)
        .service(seats::create_holding)
        .service(seats::list_holdings)
        .service(seats::get_holding)
        .service(imports::start_import)
        .service(imports::list_imports)
        .service(imports::get_import)
        .service(imports::list_import_rows)
        .service(imports::get_import_errors)
        .service(merges::merge_customers)
        .service(merges::unmerge_customer)
        .service(merges::list_merges)
        .service(merges::get_merge);
}

fn page<T: Serialize>(paging: &Paging, listed: Listed<T>) -> Page<T> {
    paging.counted(listed.items, listed.count)
}
