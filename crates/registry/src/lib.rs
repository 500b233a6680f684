#![doc = include_str!("../README.md")]

mod background;
mod commands;
mod consumers;
pub mod domain;
mod error;
mod facts;
mod http;
mod memory;
mod queries;
mod reads;
mod schema;
mod store;

use std::sync::Arc;

use chassis::{Authenticate, Context, Service, State};
use futures::FutureExt;
use futures::future::BoxFuture;

pub use commands::{
    Upserted, bulk_create_customers, create_contact, create_custom_field, create_customer, create_customer_link,
    create_holding, create_position, create_stance, create_team_member, create_tier_proposal, decide_tier_proposal,
    edit_profile, forget_reads, give_due_tiers, give_tier, lapse_silent_customers, record_order, settle_hierarchy,
    update_contact, update_custom_field, update_customer, update_customer_link, update_holding, update_position,
    upsert_external_customer,
};
pub use error::{CODES, Error};
pub use queries::list_employee_customers;

fn prepare(context: &Context) -> BoxFuture<'_, Result<State, Vec<String>>> {
    async {
        commands::catch_up(context).await?;
        Ok(Arc::new(memory::Memory::default()) as State)
    }
    .boxed()
}

pub static SERVICE: Service = Service {
    name: "registry",
    about: "Customer registry: customers, their people and their seats",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    subscriptions: consumers::SUBSCRIPTIONS,
    republish: Some(commands::republish),
    prepare: Some(prepare),
    background: &[
        background::settling,
        background::lapsing,
        background::tiers,
        background::reads,
        background::forgetting,
        commands::keep_indexing,
        commands::keep_comparing,
        // Two, so that a short file does not wait for a long one.
        commands::work_on_imports,
        commands::work_on_imports,
    ],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};
