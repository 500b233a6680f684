#![doc = include_str!("../README.md")]

mod background;
mod commands;
mod consumers;
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
    create_holding, create_position, create_tier_proposal, decide_tier_proposal, give_due_tiers, give_tier,
    import_customers, lapse_silent_customers, settle_hierarchy, update_contact, update_custom_field, update_customer,
    update_customer_link, update_holding, update_position, upsert_external_customer,
};
pub use error::{CODES, Error};

pub static SERVICE: Service = Service {
    name: "registry",
    about: "Customer registry: customers, their people and their seats",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    subscriptions: consumers::SUBSCRIPTIONS,
    republish: Some(commands::republish),
    prepare: Some(commands::catch_up),
    background: &[
        background::settling,
        background::lapsing,
        background::tiers,
        commands::keep_indexing,
        commands::keep_comparing,
    ],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
