//! Every test body runs on PostgreSQL and on SQLite.

mod connections;
mod paging;
mod setup;
mod types;
