//! Route table and handlers. Who may call what stands in each operation's `security`, which chassis enforces.

mod account_teams;
mod chains;
mod classifications;
mod consents;
mod contacts;
mod custom_fields;
mod customers;
mod duplicates;
mod exports;
mod import_profiles;
mod imports;
mod lifecycles;
mod links;
mod merges;
mod privacy;
mod profiles;
mod qualifications;
mod search;
mod seats;
mod staff;
mod tiers;
mod timeline;
mod transfers;
mod vcards;
mod vendors;

use chassis::Caller;
use chassis::http::{ListQuery, Paging};
use registry_contract::TimelineKind;
use serde::Serialize;
use utoipa::OpenApi;
use wire::Page;

use crate::domain::Sight;
use crate::domain::search::Question;
use crate::queries::Listed;

#[derive(OpenApi)]
// What only the filter of a list names is in no body that would bring it along.
#[openapi(components(schemas(TimelineKind)), tags(
    (name = "customers", description = "Organisations and persons we have or want a relationship with (客户)"),
    (name = "classifications", description = "Standard lists to choose from (分类标准)"),
    (name = "duplicates", description = "Pairs of customers that may be one (疑似重复)"),
    (name = "contacts", description = "People at customers (联系人)"),
    (name = "seats", description = "Positions in customers' organisations, and who holds them (岗位)"),
    (name = "custom-fields", description = "Fields that an administrator adds to customers (自定义字段)"),
    (name = "hierarchy", description = "Which customers belong to which, and when (集团、子公司、站点)"),
    (name = "profiles", description = "What we know of a customer, section by section, reviewed (客户企业档案)"),
    (name = "vendors", description = "Who else sells to a customer, and how much (供应商档案)"),
    (name = "lifecycle", description = "Stages of loyalty, and what moves a customer through them (忠诚度阶段)"),
    (name = "qualifications", description = "Whether a prospect is worth the effort (客户筛选)"),
    (name = "tiers", description = "How much customers matter to us: policies, proposals, decisions (客户分级)"),
    (name = "staff", description = "Our own people and teams, and who reports to whom (员工)"),
    (name = "account-teams", description = "Who works for which customer, and how customers change hands (客户团队)"),
    (name = "decision-chains", description = "Who decides at a customer, and where they stand (决策链)"),
    (name = "consents", description = "What contacts said about being approached"),
    (name = "privacy", description = "What is known of a person: who reads it, all of it for him, and its end (个人信息保护)"),
    (name = "merges", description = "Two records of one customer made one, and the way back (合并)"),
    (name = "imports", description = "Files of customers (导入)"),
))]
struct Document;

pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Literal paths come before those with parameters: actix takes the first that fits.
pub fn routes(config: &mut chassis::Routes) {
    config
        .service(customers::create_customer)
        .service(customers::list_customers)
        .service(customers::bulk_create_customers)
        .service(customers::upsert_external_customer)
        .service(exports::export_customers)
        .service(customers::get_customer)
        .service(customers::update_customer)
        .service(timeline::list_timeline)
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
        .service(duplicates::list_duplicates)
        .service(duplicates::check_duplicates)
        .service(exports::export_duplicates)
        .service(duplicates::get_duplicate)
        .service(duplicates::update_duplicate)
        .service(search::search)
        .service(contacts::create_contact)
        .service(contacts::list_contacts)
        .service(vcards::import_vcards)
        .service(vcards::export_vcards)
        .service(exports::export_contacts)
        .service(vcards::get_vcard)
        .service(contacts::get_contact)
        .service(contacts::update_contact)
        .service(privacy::get_personal_data)
        .service(privacy::list_contact_reads)
        .service(privacy::put_legal_hold)
        .service(privacy::delete_legal_hold)
        .service(privacy::erase_contact)
        .service(seats::create_position)
        .service(seats::list_positions)
        .service(exports::export_positions)
        .service(seats::get_position)
        .service(seats::update_position)
        .service(seats::list_position_holdings)
        .service(seats::create_holding)
        .service(seats::list_holdings)
        .service(seats::get_holding)
        .service(profiles::get_profile)
        .service(profiles::get_profile_section)
        .service(profiles::edit_profile)
        .service(profiles::submit_profile)
        .service(profiles::review_profile)
        .service(profiles::list_profile_versions)
        .service(profiles::get_profile_version)
        .service(profiles::diff_profile)
        .service(profiles::list_profile_reviews)
        .service(vendors::create_vendor)
        .service(vendors::list_vendors)
        .service(exports::export_vendors)
        .service(vendors::get_vendor)
        .service(vendors::update_vendor)
        .service(vendors::list_vendor_shares)
        .service(exports::export_vendor_shares)
        .service(vendors::get_vendor_shares)
        .service(vendors::record_vendor_shares)
        .service(vendors::list_vendor_share_records)
        .service(vendors::get_vendor_trends)
        .service(lifecycles::get_lifecycle)
        .service(lifecycles::move_lifecycle)
        .service(lifecycles::record_order)
        .service(lifecycles::get_lifecycle_policy)
        .service(lifecycles::set_lifecycle_policy)
        .service(qualifications::create_qualification_policy)
        .service(qualifications::list_qualification_policies)
        .service(qualifications::get_qualification_policy)
        .service(qualifications::qualify_customer)
        .service(qualifications::list_qualifications)
        .service(exports::export_qualifications)
        .service(qualifications::get_qualification)
        .service(qualifications::decide_qualification)
        .service(tiers::list_tier_policies)
        .service(tiers::create_tier_policy)
        .service(tiers::get_tier_policy)
        .service(tiers::activate_tier_policy)
        .service(tiers::create_tier_proposal)
        .service(tiers::list_tier_proposals)
        .service(exports::export_tier_proposals)
        .service(tiers::get_tier_proposal)
        .service(tiers::decide_tier_proposal)
        .service(tiers::withdraw_tier_proposal)
        .service(tiers::get_customer_tier)
        .service(tiers::list_tier_reviews)
        .service(staff::create_employee)
        .service(staff::list_employees)
        .service(staff::bulk_upsert_employees)
        .service(staff::upsert_external_employee)
        .service(exports::export_employees)
        .service(staff::get_employee)
        .service(staff::update_employee)
        .service(staff::list_reports)
        .service(staff::create_team)
        .service(staff::list_teams)
        .service(staff::get_team)
        .service(staff::update_team)
        .service(account_teams::get_account_team)
        .service(account_teams::create_team_member)
        .service(exports::export_team_members)
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
        .service(imports::get_import_errors)
        .service(merges::merge_customers)
        .service(merges::unmerge_customer)
        .service(merges::list_merges)
        .service(merges::get_merge);
}

fn page<T: Serialize>(paging: &Paging, listed: Listed<T>) -> Page<T> {
    paging.counted(listed.items, listed.count)
}

/// What is personal of consumers is for those who may read contacts.
fn sight(caller: &Caller) -> Sight {
    Sight::new(caller.can("contacts:read"))
}

/// The question whose answers are wanted in the order of how well they fit.
fn asked(q: Option<&str>, list: &ListQuery) -> Option<Question> {
    q.filter(|_| !list.is_sorted()).and_then(Question::parse)
}
