use database::Db;

use crate::{Bus, Metrics, Subscription};

/// A service's end of the bus: what it publishes from, what it listens to, and where its figures go.
#[derive(Clone)]
pub struct Endpoint {
    pub service: &'static str,
    pub subscriptions: &'static [Subscription],
    pub db: Db,
    pub bus: Bus,
    pub metrics: Metrics,
}
