//! Route table and handlers. Who may call what stands in each operation's `security`, which chassis enforces.

mod contacts;
mod customers;
mod exports;
mod import_profiles;
mod imports;
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
        .service(exports::export_customers)
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
        .service(import_profiles::create_import_profile)
        .service(import_profiles::list_import_profiles)
        .service(import_profiles::get_import_profile)
        .service(import_profiles::replace_import_profile)
        .service(import_profiles::delete_import_profile)
        .service(imports::start_import)
        .service(imports::list_imports)
        .service(imports::get_import)
        .service(imports::cancel_import)
        .service(imports::revert_import)
        .service(imports::follow_import)
        .service(imports::list_import_rows)
        .service(imports::get_import_errors);
}

fn page<T: Serialize>(paging: &Paging, listed: Listed<T>) -> Page<T> {
    paging.counted(listed.items, listed.count)
}
