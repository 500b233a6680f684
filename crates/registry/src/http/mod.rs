//! Route table and handlers. Who may call what stands in each operation's `security`, which chassis enforces.

mod chains;
mod consents;
mod contacts;
mod customers;
mod imports;
mod seats;
mod vcards;

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
    (name = "decision-chains", description = "Who decides at a customer, and where they stand (决策链)"),
    (name = "consents", description = "What contacts said about being approached"),
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
        .service(vcards::import_vcards)
        .service(vcards::export_vcards)
        .service(vcards::get_vcard)
        .service(contacts::get_contact)
        .service(contacts::update_contact)
        .service(seats::create_position)
        .service(seats::list_positions)
        .service(seats::get_position)
        .service(seats::update_position)
        .service(seats::list_position_holdings)
        .service(seats::create_holding)
        .service(seats::list_holdings)
        .service(seats::get_holding)
        .service(seats::update_holding)
        .service(chains::get_decision_chain)
        .service(chains::put_chain_seat)
        .service(chains::delete_chain_seat)
        .service(chains::put_influence)
        .service(chains::delete_influence)
        .service(chains::create_stance)
        .service(chains::list_stances)
        .service(chains::get_stance)
        .service(consents::create_consent)
        .service(consents::get_consent_ledger)
        .service(consents::check_consent)
        .service(consents::get_consent)
        .service(imports::start_import)
        .service(imports::list_imports)
        .service(imports::get_import)
        .service(imports::list_import_rows)
        .service(imports::get_import_errors);
}

fn page<T: Serialize>(paging: &Paging, listed: Listed<T>) -> Page<T> {
    paging.counted(listed.items, listed.count)
}
