#![doc = include_str!("../README.md")]

mod admission;
pub mod bootstrap;
mod callers;
mod commands;
mod config;
mod customer_360;
mod document;
pub mod domain;
mod error;
mod gateway;
mod http;
mod limits;
mod passwords;
mod proxy;
mod queries;
mod routing;
mod schema;
mod services;
mod store;
mod throttle;
mod tokens;
mod upstream;
pub mod v1;

pub use error::{CODES, Error};

use chassis::{Authenticate, Service};

/// The services behind the gateway, each with its document as of when the gateway was built.
const SERVICES: [(&str, &str); 4] = [
    ("registry", registry_contract::OPENAPI),
    ("interactions", interactions_contract::OPENAPI),
    ("complaints", complaints_contract::OPENAPI),
    ("scoring", scoring_contract::OPENAPI),
];

pub static SERVICE: Service = Service {
    name: "gateway",
    about: "The one REST interface: callers, limits, proxy, composed reads, the merged OpenAPI document",
    migrations: || vec![database::migrations!()],
    openapi: http::info,
    routes: http::routes,
    subscriptions: &[],
    republish: None,
    prepare: Some(|context| Box::pin(gateway::Gateway::prepare(context))),
    background: &[|context| Box::pin(gateway::Gateway::work(context))],
    authenticate: Authenticate::Custom(admission::authenticate),
    keys: config::KEYS,
    configure: Some(http::share),
};
