#![doc = include_str!("../README.md")]

mod attachments;
mod background;
mod commands;
mod consumers;
pub mod domain;
mod error;
mod http;
mod mailing;
mod portal;
mod queries;
mod republish;
mod schema;
mod secret;
mod store;

use chassis::{Authenticate, Context, Key, Service, State};
use futures::FutureExt as _;
use futures::future::BoxFuture;

pub use attachments::Attachments;
pub use commands::{
    Row, Taken, accept_complaint, acknowledge_complaint, amend_complaint, assess_complaint, bulk_open_complaints,
    claim_messages, close_complaint, contain_complaint, create_sla_policy, escalate_complaint, fire_escalations,
    follow_up_complaint, hear_customer, import_complaints, inform_customer, investigate_complaint, look_for_signals,
    next_escalation, next_look, open_calendar, open_complaint, rate_complaint, rebuild_clocks, reject_complaint,
    reopen_complaint, replace_calendar, resolve_complaint, respond_to_complaint, resume_complaint,
    upsert_external_complaint, wait_for_customer, withdraw_complaint,
};
pub use error::{CODES, Error};
pub use store::due_times::{CLAIM_ON_POSTGRES, CLAIM_ON_SQLITE};
pub use store::watched::{CLAIM_CUSTOMERS_ON_POSTGRES, CLAIM_CUSTOMERS_ON_SQLITE};

pub static SERVICE: Service = Service {
    name: "complaints",
    about: "Complaint handling: from intake to closure, every step timed and signed",
    migrations: || vec![database::migrations!()],
    openapi: http::openapi,
    routes: http::routes,
    subscriptions: consumers::SUBSCRIPTIONS,
    republish: Some(republish::republish),
    prepare: Some(prepare),
    background: &[
        mailing::sending,
        background::escalating,
        background::rebuilding,
        background::watching,
        attachments::sweep_now_and_then,
    ],
    authenticate: Authenticate::InternalToken,
    keys: &KEYS,
    configure: None,
};

const KEYS: [Key; 6] = {
    let [url, bytes, count] = attachments::KEYS;
    let [mail, sender] = mailing::KEYS;
    [url, bytes, count, portal::KEY, mail, sender]
};

/// Names everything that is wrong with the settings.
fn prepare(context: &Context) -> BoxFuture<'_, Result<State, Vec<String>>> {
    let settings = &context.settings.extra;
    let others: Vec<String> = portal::mistake(settings).into_iter().chain(mailing::mistakes(settings)).collect();
    async move {
        match Attachments::prepare(context).await {
            Ok(prepared) if others.is_empty() => Ok(prepared),
            Ok(_) => Err(others),
            Err(mistakes) => Err([mistakes, others].concat()),
        }
    }
    .boxed()
}
