//! The service as its callers see it: the real router on a free port, on both databases.

mod bulk;
mod contacts;
mod contract;
mod customers;
mod data;
mod events;
mod external;
mod hierarchy;
mod imports;
mod list;
mod migrations;
mod seats;
mod support;
