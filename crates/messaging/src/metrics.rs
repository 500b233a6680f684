use chrono::Utc;
use prometheus::{IntCounter, IntGauge, Opts, Registry};

use crate::outbox::Backlog;

/// What a service's end of the bus counts. Cheap to clone; clones share the figures.
#[derive(Debug, Clone)]
pub struct Metrics {
    outbox_depth: IntGauge,
    outbox_oldest_age: IntGauge,
    pub(crate) published: IntCounter,
    pub(crate) consumed: IntCounter,
    pub(crate) repeated: IntCounter,
    pub(crate) retried: IntCounter,
    pub(crate) dead_lettered: IntCounter,
}

impl Metrics {
    /// Figures with the label `service`, in the registry given.
    ///
    /// # Errors
    /// When the registry already has those of this service.
    pub fn new(service: &str, registry: &Registry) -> prometheus::Result<Self> {
        let options =
            |name: &str, help: &str| Opts::new(format!("guanxi_{name}"), help).const_label("service", service);
        let gauge = |name, help| {
            let gauge = IntGauge::with_opts(options(name, help))?;
            registry.register(Box::new(gauge.clone()))?;
            prometheus::Result::Ok(gauge)
        };
        let counter = |name, help| {
            let counter = IntCounter::with_opts(options(name, help))?;
            registry.register(Box::new(counter.clone()))?;
            prometheus::Result::Ok(counter)
        };
        Ok(Self {
            outbox_depth: gauge("outbox_events", "Events waiting to be published")?,
            outbox_oldest_age: gauge("outbox_oldest_age_seconds", "Age of the oldest event waiting to be published")?,
            published: counter("events_published_total", "Events the bus has confirmed")?,
            consumed: counter("events_consumed_total", "Events handled")?,
            repeated: counter("events_repeated_total", "Deliveries of an event that had been handled before")?,
            retried: counter("events_retried_total", "Failures put aside for another try")?,
            dead_lettered: counter("events_dead_lettered_total", "Events given up")?,
        })
    }

    pub(crate) fn show(&self, backlog: Backlog) {
        let age = backlog.oldest.map_or(0, |oldest| (Utc::now() - oldest).num_seconds().max(0));
        self.outbox_depth.set(backlog.events);
        self.outbox_oldest_age.set(age);
    }
}
