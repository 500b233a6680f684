//! A small service on a real port with a SQLite database, and what chassis makes of it.

mod app;
mod bodies;
mod callers;
mod errors;
mod forgetting;
mod idempotency;
mod lists;
mod operation;
mod postgres;
mod service;
mod versions;
