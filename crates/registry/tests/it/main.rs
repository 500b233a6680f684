//! The service as its callers see it: the real router on a free port, on both databases.

mod account_teams;
mod bulk;
mod contacts;
mod contract;
mod customers;
mod events;
mod external;
mod hierarchy;
mod imports;
mod list;
mod migrations;
mod real_data;
mod seats;
mod staff;
mod support;
mod tiers;
mod transfers;
