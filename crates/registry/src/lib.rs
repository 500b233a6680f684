#![doc = include_str!("../README.md")]

mod background;
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
    Upserted, bulk_create_customers, create_contact, create_custom_field, create_customer, create_customer_link,
    create_holding, create_position, import_customers, settle_hierarchy, update_contact, update_custom_field,
    update_customer, update_customer_link, upsert_external_customer,
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
    background: &[background::settling],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
