#![doc = include_str!("../README.md")]

mod attachments;
mod commands;
mod consumers;
pub mod domain;
mod error;
mod http;
mod queries;
mod republish;
mod schema;
mod secret;
mod store;

use chassis::{Authenticate, Service};

pub use attachments::Attachments;
pub use commands::{
    Row, Taken, accept_complaint, acknowledge_complaint, amend_complaint, assess_complaint, bulk_open_complaints,
    close_complaint, contain_complaint, escalate_complaint, follow_up_complaint, hear_customer, import_complaints,
    inform_customer, investigate_complaint, open_complaint, reject_complaint, reopen_complaint, resolve_complaint,
    respond_to_complaint, resume_complaint, upsert_external_complaint, wait_for_customer, withdraw_complaint,
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
    prepare: Some(attachments::Attachments::prepare),
    background: &[attachments::sweep_now_and_then],
    authenticate: Authenticate::InternalToken,
    keys: attachments::KEYS,
    configure: None,
};
