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
    create_sla_policy, fire_escalations, import_complaints, next_escalation, open_calendar, open_complaint,
    rebuild_clocks, reopen_complaint, replace_calendar, resolve_complaint, respond_to_complaint,
    upsert_external_complaint, withdraw_complaint,
};
pub use error::{CODES, Error};
pub use store::due_times::{CLAIM_ON_POSTGRES, CLAIM_ON_SQLITE};

pub static SERVICE: Service = Service {
    name: "complaints",
    about: "Complaint handling: from intake to closure, every step timed and signed",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    subscriptions: consumers::SUBSCRIPTIONS,
    republish: Some(republish::republish),
    prepare: None,
    background: &[background::escalating, background::rebuilding],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
