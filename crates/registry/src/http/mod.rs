//! Route table and handlers. Who may call what stands in each operation's `security`, which chassis enforces.

mod account_teams;
mod contacts;
mod customers;
mod imports;
mod seats;
mod staff;
mod tiers;
mod transfers;

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
    (name = "tiers", description = "How much customers matter to us: policies, proposals, decisions (客户分级)"),
    (name = "staff", description = "Our own people and teams, and who reports to whom (员工)"),
    (name = "account-teams", description = "Who works for which customer, and how customers change hands (客户团队)"),
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
        .service(tiers::list_tier_policies)
        .service(tiers::create_tier_policy)
        .service(tiers::get_tier_policy)
        .service(tiers::activate_tier_policy)
        .service(tiers::create_tier_proposal)
        .service(tiers::list_tier_proposals)
        .service(tiers::get_tier_proposal)
        .service(tiers::decide_tier_proposal)
        .service(tiers::withdraw_tier_proposal)
        .service(tiers::get_customer_tier)
        .service(tiers::list_tier_reviews)
        .service(staff::create_employee)
        .service(staff::list_employees)
        .service(staff::bulk_upsert_employees)
        .service(staff::upsert_external_employee)
        .service(staff::get_employee)
        .service(staff::update_employee)
        .service(staff::list_reports)
        .service(staff::create_team)
        .service(staff::list_teams)
        .service(staff::get_team)
        .service(staff::update_team)
        .service(account_teams::get_account_team)
        .service(account_teams::create_team_member)
        .service(account_teams::get_team_member)
        .service(account_teams::update_team_member)
        .service(account_teams::list_employee_customers)
        .service(transfers::create_transfer)
        .service(transfers::create_employee_transfers)
        .service(transfers::list_transfers)
        .service(transfers::get_transfer)
        .service(transfers::tick_transfer)
        .service(transfers::complete_transfer)
        .service(transfers::cancel_transfer)
        .service(imports::start_import)
        .service(imports::list_imports)
        .service(imports::get_import)
        .service(imports::list_import_rows)
        .service(imports::get_import_errors);
}

fn page<T: Serialize>(paging: &Paging, listed: Listed<T>) -> Page<T> {
    paging.counted(listed.items, listed.count)
}
