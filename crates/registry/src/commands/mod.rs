//! What can be done, one function a use case, each in one transaction: row, audit entry and event, or nothing.

mod account_teams;
mod bulk;
mod chains;
mod consents;
mod contacts;
mod custom_fields;
mod customers;
mod duplicates;
mod exports;
mod external;
mod holdings;
mod import_profiles;
mod imports;
mod indexing;
mod lifecycles;
mod links;
mod merges;
mod privacy;
mod profiles;
mod qualifications;
mod races;
mod registration;
mod republish;
mod seats;
mod staff;
mod teams;
mod tier_policies;
mod tiers;
mod transfers;
mod vcards;
mod vendors;

pub use account_teams::{create_team_member, update_team_member};
pub use bulk::bulk_create_customers;
pub use chains::{create_stance, delete_chain_seat, delete_influence, put_chain_seat, put_influence};
pub use consents::create_consent;
pub use contacts::{create_contact, update_contact};
pub use custom_fields::{create_custom_field, update_custom_field};
pub use customers::{create_customer, update_customer};
pub use duplicates::update_duplicate;
pub use exports::note_export;
pub use external::{Upserted, upsert_external_customer};
pub use holdings::{create_holding, update_holding};
pub use import_profiles::{create_import_profile, delete_import_profile, replace_import_profile};
pub use imports::{Submitted, cancel_import, receive_file, revert_import, submit_import, work_on_imports};
pub use indexing::{catch_up, keep_comparing, keep_indexing};
pub use lifecycles::{lapse_silent_customers, move_lifecycle, record_order, set_lifecycle_policy};
pub use links::{create_customer_link, settle_hierarchy, update_customer_link};
pub use merges::{merge_customers, unmerge_customer};
pub use privacy::{delete_legal_hold, erase_contact, export_personal_data, forget_reads, put_legal_hold};
pub use profiles::{edit_profile, review_profile, submit_profile};
pub use qualifications::{create_qualification_policy, decide_qualification, qualify_customer};
pub use republish::republish;
pub use seats::{create_position, update_position};
pub use staff::{UpsertedEmployee, bulk_upsert_employees, create_employee, update_employee, upsert_external_employee};
pub use teams::{create_team, update_team};
pub use tier_policies::{activate_tier_policy, create_tier_policy};
pub use tiers::{
    create_tier_proposal, decide_tier_proposal, give_due_tiers, give_tier, propose_scored_tier, withdraw_tier_proposal,
};
pub use transfers::{
    Hand, cancel_transfer, complete_transfer, create_employee_transfers, create_transfer, tick_transfer,
};
pub use vcards::import_vcards;
pub use vendors::{create_vendor, record_vendor_shares, update_vendor};
