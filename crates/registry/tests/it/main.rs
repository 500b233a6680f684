//! The service as its callers see it: the real router on a free port, on both databases.

mod bulk;
mod chains;
mod consents;
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
mod support;
mod vcards;
