//! Route table and handlers. Who may call what stands in each operation's `security`, which chassis enforces.

mod classifications;
mod contacts;
mod custom_fields;
mod customers;
mod imports;
mod links;
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
    (name = "classifications", description = "Standard lists to choose from (分类标准)"),
    (name = "contacts", description = "People at customers (联系人)"),
    (name = "seats", description = "Positions in customers' organisations, and who holds them (岗位)"),
    (name = "custom-fields", description = "Fields that an administrator adds to customers (自定义字段)"),
    (name = "hierarchy", description = "Which customers belong to which, and when (集团、子公司、站点)"),
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
        .service(custom_fields::create_custom_field)
        .service(custom_fields::list_custom_fields)
        .service(custom_fields::get_custom_field)
        .service(custom_fields::update_custom_field)
        .service(links::create_customer_link)
        .service(links::list_customer_links)
        .service(links::get_customer_link)
        .service(links::update_customer_link)
        .service(links::get_customer_hierarchy)
        .service(classifications::list_industries)
        .service(classifications::list_regions)
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
        .service(imports::get_import_errors);
}

fn page<T: Serialize>(paging: &Paging, listed: Listed<T>) -> Page<T> {
    paging.counted(listed.items, listed.count)
}
