#![doc = include_str!("../README.md")]

mod commands;
pub mod domain;
mod error;
mod facts;
mod http;
mod queries;
mod schema;
mod store;

use chassis::{Authenticate, Service};

pub use commands::{
    Upserted, bulk_create_customers, create_contact, create_customer, create_holding, create_position,
    import_customers, update_contact, update_customer, update_holding, update_position, upsert_external_customer,
};
pub use error::{CODES, Error};

pub static SERVICE: Service = Service {
    name: "registry",
    about: "Customer registry: customers, their people and their seats",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    // The registry listens to nobody: the others learn of customers from it.
    subscriptions: &[],
    republish: Some(commands::republish),
    prepare: None,
    background: &[],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
