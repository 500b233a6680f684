//! The service as its callers see it: the real router on a free port, on both databases.

mod bulk;
mod contacts;
mod contract;
mod customers;
mod events;
mod external;
mod hierarchy;
mod imports;
mod list;
mod merges;
mod migrations;
mod real_data;
mod seats;
mod support;
