#![doc = include_str!("../README.md")]

mod commands;
pub mod domain;
mod error;
mod facts;
mod http;
mod queries;
mod schema;
mod store;

use std::sync::Arc;

use chassis::{Authenticate, Context, Service, State};
use futures::FutureExt;
use futures::future::BoxFuture;

pub use commands::{
    Upserted, bulk_create_customers, create_contact, create_customer, create_holding, create_position, update_contact,
    update_customer, upsert_external_customer,
};
pub use error::{CODES, Error};

fn prepare(_: &Context) -> BoxFuture<'_, Result<State, Vec<String>>> {
    async { Ok(Arc::new(commands::Submitted::default()) as State) }.boxed()
}

pub static SERVICE: Service = Service {
    name: "registry",
    about: "Customer registry: customers, their people and their seats",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    // The registry listens to nobody: the others learn of customers from it.
    subscriptions: &[],
    republish: Some(commands::republish),
    prepare: Some(prepare),
    // Two, so that a short file does not wait for a long one.
    background: &[commands::work_on_imports, commands::work_on_imports],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
