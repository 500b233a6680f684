#![doc = include_str!("../README.md")]

mod background;
mod commands;
mod consumers;
pub mod domain;
mod error;
mod http;
mod queries;
mod republish;
mod schema;
mod store;

use chassis::{Authenticate, Service};

pub use commands::{
    Row, Taken, acknowledge_complaint, amend_complaint, assess_complaint, bulk_open_complaints, close_complaint,
    import_complaints, open_complaint, reopen_complaint, resolve_complaint, respond_to_complaint,
    upsert_external_complaint, withdraw_complaint,
};
pub use error::{CODES, Error};

pub static SERVICE: Service = Service {
    name: "complaints",
    about: "Complaint handling: from intake to closure, every step timed and signed",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    subscriptions: consumers::SUBSCRIPTIONS,
    republish: Some(republish::republish),
    prepare: None,
    background: &[background::watching],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
