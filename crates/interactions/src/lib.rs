#![doc = include_str!("../README.md")]

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

pub use commands::{amend_interaction, bulk_log_interactions, log_interaction};
pub use error::{CODES, Error};

pub static SERVICE: Service = Service {
    name: "interactions",
    about: "Interaction tracking: what took place between the customers' people and ours",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    subscriptions: consumers::SUBSCRIPTIONS,
    republish: Some(republish::republish),
    prepare: None,
    background: &[],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
