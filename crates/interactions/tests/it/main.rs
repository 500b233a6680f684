//! The service as its callers see it: the real router on a free port, on both databases.

mod agenda;
mod amend;
mod bulk;
mod consumers;
mod contract;
mod executive_contacts;
mod list;
mod log;
mod merges;
mod migrations;
mod support;
