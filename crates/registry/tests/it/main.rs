//! The service as its callers see it: the real router on a free port, on both databases.

mod account_teams;
mod bulk;
mod classifications;
mod contacts;
mod contract;
mod customers;
mod duplicates;
mod events;
mod external;
mod hierarchy;
mod identifiers;
mod imports;
mod lifecycle;
mod list;
mod migrations;
mod profiles;
mod qualifications;
mod real_data;
mod search;
mod seats;
mod staff;
mod support;
mod vendors;
mod tiers;
mod transfers;
