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

pub use commands::{mark_stale, rescore, start_rescoring};
pub use error::{CODES, Error};

pub static SERVICE: Service = Service {
    name: "scoring",
    about: "Scoring: how close and how content every customer is, and why",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    subscriptions: consumers::SUBSCRIPTIONS,
    republish: Some(republish::republish),
    prepare: None,
    background: &[background::rescoring, background::ageing],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
