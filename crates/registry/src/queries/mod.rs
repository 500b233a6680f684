//! What can be asked. Nothing here changes anything.

mod account_teams;
mod chains;
mod consents;
mod contacts;
mod custom_fields;
mod customers;
mod duplicates;
mod exports;
mod hierarchy;
mod import_profiles;
mod imports;
mod lifecycles;
mod merges;
mod privacy;
mod profiles;
mod qualifications;
mod search;
mod seats;
mod staff;
mod tiers;
mod timeline;
mod vcards;
mod vendors;

pub use account_teams::{get_account_team, get_team_member, get_transfer, list_employee_customers, list_transfers};
pub use chains::{get_decision_chain, get_stance, list_stances};
pub use consents::{check_consent, get_consent, get_consent_ledger};
pub use contacts::{get_contact, list_contacts};
pub use custom_fields::{get_custom_field, list_custom_fields};
pub use customers::{get_customer, list_customers};
pub use duplicates::{check_duplicates, duplicates_of, get_duplicate, list_duplicates, traits_of};
pub use exports::{
    ContactExport, CustomerExport, Export, export_csv, export_duplicates, export_employees, export_positions,
    export_qualifications, export_team_members, export_tier_proposals, export_vendor_shares, export_vendors,
    export_xlsx,
};
pub use hierarchy::{get_customer_hierarchy, get_customer_link, list_customer_links};
pub use import_profiles::{get_import_profile, list_import_profiles};
pub use imports::{follow_import, get_import, import_errors, list_import_rows, list_imports};
pub use lifecycles::{get_lifecycle, get_lifecycle_policy, lifecycle_history};
pub use merges::{Whereabouts, find_customer, get_merge, list_merges};
pub use privacy::{get_personal_data, list_contact_reads};
pub use profiles::{
    Section, diff_profile, get_profile, get_profile_section, get_profile_version, list_profile_reviews,
    list_profile_versions, section_profile,
};
pub use qualifications::{
    get_qualification, get_qualification_policy, list_qualification_policies, list_qualifications,
};
pub use search::{search, search_contacts, search_customers};
pub use seats::{get_holding, get_position, list_holdings, list_positions};
pub use staff::{get_employee, get_team, list_employees, list_reports, list_teams};
pub use tiers::{
    get_customer_tier, get_tier_policy, get_tier_proposal, list_tier_policies, list_tier_proposals, list_tier_reviews,
};
pub use timeline::list_timeline;
pub use vcards::cards;
pub use vendors::{
    get_vendor, get_vendor_shares, get_vendor_trends, list_vendor_share_records, list_vendors, vendor_structure,
};

/// Rows of a list, one more than its page shows if there are more, and the number of all where that was asked for.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub count: Option<i64>,
}
