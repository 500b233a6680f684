//! The service as its callers see it: the real router on a free port, on both databases.

mod bulk;
mod classifications;
mod contacts;
mod contract;
mod custom_fields;
mod customers;
mod events;
mod external;
mod hierarchy;
mod identifiers;
mod imports;
mod list;
mod migrations;
mod real_data;
mod seats;
mod support;
