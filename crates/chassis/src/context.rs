use std::sync::Arc;

use database::Db;
use messaging::{Bus, Endpoint};
use prometheus::Registry;
use ring::hmac;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::{
    Operations, Service, Settings, State, http::CursorKey, metrics::Metrics, token::Verifier, validation::Schemas,
};

/// What handlers and background loops of a running service work with; cheap to clone.
#[derive(Clone)]
pub struct Context {
    pub service: &'static Service,
    pub db: Db,
    pub bus: Bus,
    pub settings: Arc<Settings>,
    /// Cancelled when the service is to stop.
    pub shutdown: CancellationToken,
    /// Where `/metrics` reads from; a service may register figures of its own.
    pub registry: Registry,
    /// The service's end of the bus, for redelivery and for tests.
    pub endpoint: Endpoint,
    pub operations: Arc<Operations>,
    pub(crate) state: Option<State>,
    pub(crate) openapi: Arc<[u8]>,
    pub(crate) schemas: Arc<Schemas>,
    pub(crate) metrics: Metrics,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) cursor_key: CursorKey,
    /// Of requests that came with an `Idempotency-Key`: what they hold may be a password.
    pub(crate) fingerprint_key: hmac::Key,
    /// Connections live on this runtime, whatever worker first needs them.
    pub(crate) runtime: Handle,
}

impl Context {
    /// What the service's `prepare` built, if it has one and built a `T`.
    #[must_use]
    pub fn state<T: std::any::Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.state.clone()?.downcast().ok()
    }
}
