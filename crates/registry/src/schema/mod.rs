//! The tables, by noun.

mod account;
mod companies;
mod files;
mod people;
mod profiles;
mod search;
mod stages;

pub use account::*;
pub use companies::*;
pub use files::*;
pub use people::*;
pub use profiles::*;
pub use search::*;
pub use stages::*;

diesel::allow_tables_to_appear_in_same_query!(
    contacts,
    customer_classifications,
    customer_external_ids,
    customer_identifiers,
    customer_links,
    customers,
    duplicate_pairs,
    employees,
    order_facts,
    profile_acts,
    profile_authors,
    profile_versions,
    search_queue,
    search_terms,
    team_members,
    teams,
    tier_changes,
    tier_decisions,
    tier_proposals,
);
