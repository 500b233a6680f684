#![doc = include_str!("../README.md")]

mod answer;
pub mod audit;
mod authorisation;
mod caller;
mod cli;
mod context;
pub mod csv;
pub mod http;
pub mod idempotency;
mod metrics;
mod observation;
mod openapi;
mod operations;
mod ops;
mod refusal;
pub mod rounds;
mod routes;
mod run;
mod secret;
mod service;
mod settings;
mod tables;
pub mod telemetry;
pub mod token;
mod trace;
mod validation;

pub use caller::{Act, Caller};
pub use cli::main;
pub use context::Context;
pub use openapi::openapi;
pub use operations::{Access, Operation, Operations, SCHEME};
pub use routes::Routes;
pub use run::{Running, StartError, install_crypto, start};
pub use secret::Secret;
pub use service::{Authenticate, Authenticator, Key, Prepare, Republish, Service, State};
pub use settings::{Mistakes, Settings};
pub use trace::Trace;

use database::Migrations;

/// The tables that every service has: idempotency keys, secrets, audit.
pub fn migrations() -> Migrations {
    database::migrations!()
}
