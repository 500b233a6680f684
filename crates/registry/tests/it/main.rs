//! The service as its callers see it: the real router on a free port, on both databases.

mod bulk;
mod contacts;
mod contract;
mod customers;
mod events;
mod exports;
mod external;
mod hierarchy;
mod import_files;
mod import_jobs;
mod import_profiles;
mod imports;
mod list;
mod migrations;
mod real_data;
mod seats;
mod support;
