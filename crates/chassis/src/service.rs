use std::{any::Any, sync::Arc};

use actix_web::{HttpRequest, web};
use database::Migrations;
use futures::future::{BoxFuture, LocalBoxFuture};
use messaging::Subscription;
use problem::Failure;

use crate::{Caller, Context, Routes};

/// All that differs between one service and another.
pub struct Service {
    /// Also the prefix of its configuration, its queue and the audience of its tokens.
    pub name: &'static str,
    /// One line, for `--help`.
    pub about: &'static str,
    /// Its own; those of database, messaging and chassis come by themselves.
    pub migrations: fn() -> Vec<Migrations>,
    /// Info and tags; the paths come from `routes`.
    pub openapi: fn() -> utoipa::openapi::OpenApi,
    pub routes: fn(&mut Routes),
    pub subscriptions: &'static [Subscription],
    pub republish: Option<Republish>,
    /// What the service keeps besides `Context`, built once before it serves; found again by `context.state()`.
    pub prepare: Option<Prepare>,
    /// Loops that run until `context.shutdown`.
    pub background: &'static [fn(Context) -> BoxFuture<'static, ()>],
    pub authenticate: Authenticate,
    /// Configuration of its own, found in `context.settings.extra`.
    pub keys: &'static [Key],
    /// Routes beside the API; they come first, so they may stand in for what chassis serves.
    pub configure: Option<fn(&mut web::ServiceConfig, &Context)>,
}

/// Enqueues events that tell the whole state again, and says how many.
pub type Republish = fn(Context) -> BoxFuture<'static, database::Result<u64>>;

/// Builds what `context.state()` gives, or names every mistake that keeps the service from starting.
pub type Prepare = for<'a> fn(&'a Context) -> BoxFuture<'a, Result<State, Vec<String>>>;

/// Something a service shares among its workers and loops.
pub type State = Arc<dyn Any + Send + Sync>;

/// Establishes who calls; `None` is nobody, an error turns the request away.
pub type Authenticator =
    for<'a> fn(&'a HttpRequest, &'a Context) -> LocalBoxFuture<'a, Result<Option<Caller>, Failure>>;

#[derive(Clone, Copy)]
pub enum Authenticate {
    /// By the token the gateway has signed: every service but the gateway.
    InternalToken,
    Custom(Authenticator),
}

/// A configuration key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// In snake case: `login_attempts` is `GUANXI_<SERVICE>__LOGIN_ATTEMPTS` in the environment.
    pub name: &'static str,
    pub about: &'static str,
    pub default: Option<&'static str>,
    pub required: bool,
    /// Never shown in a message.
    pub secret: bool,
}

impl Key {
    #[must_use]
    pub const fn required(name: &'static str, about: &'static str) -> Self {
        Self { name, about, default: None, required: true, secret: false }
    }

    #[must_use]
    pub const fn optional(name: &'static str, about: &'static str) -> Self {
        Self { required: false, ..Self::required(name, about) }
    }

    #[must_use]
    pub const fn with_default(name: &'static str, about: &'static str, default: &'static str) -> Self {
        Self { default: Some(default), ..Self::optional(name, about) }
    }

    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}
