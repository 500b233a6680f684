use std::collections::BTreeMap;
use std::sync::Arc;

use chassis::{Caller, Context, Running, Service, Settings, token::Signer};
use chrono::Utc;
use messaging::{Act, Delivered, Envelope, Rejected};
use uuid::Uuid;

use crate::{Client, TestBus, TestDb, golden_events};

/// Of the tests' gateway; any will do.
const SEED: [u8; 32] = [42; 32];

/// A started service on a free port, with its relay and its consumer, on a database and a bus of the test's.
pub struct App {
    running: Running,
    signer: Arc<Signer>,
    http: reqwest::Client,
    pub db: TestDb,
    pub bus: TestBus,
}

impl App {
    /// On a local bus.
    ///
    /// # Panics
    /// When the service does not start.
    pub async fn start(service: &'static Service, db: TestDb) -> Self {
        Self::start_with(service, db, TestBus::local().await, |_| {}).await
    }

    /// As [`App::start`], with a bus and settings of the test's.
    ///
    /// # Panics
    /// When the service does not start.
    pub async fn start_with(
        service: &'static Service,
        db: TestDb,
        bus: TestBus,
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        chassis::install_crypto();
        let signer = Signer::from_seed(&SEED);
        let mut settings = Settings::embedded(db.url(), bus.url(), signer.public_key());
        adjust(&mut settings);
        bus.serves(service.name);
        let running = chassis::start(service, settings, bus.bus())
            .await
            .unwrap_or_else(|error| panic!("{} does not start: {error}", service.name));
        // Where an answer leads to is part of the answer.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let http = http.expect("a client needs nothing that can be missing");
        Self { running, signer: Arc::new(signer), http, db, bus }
    }

    #[must_use]
    pub fn context(&self) -> &Context {
        &self.running.context
    }

    /// `http://127.0.0.1:<port>`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.running.addr)
    }

    /// A user with these permissions.
    #[must_use]
    pub fn client(&self, permissions: &[&str]) -> Client {
        self.client_as(Caller {
            id: "user:0198a000-0000-7000-8000-000000000001".into(),
            name: "tester".into(),
            roles: Vec::new(),
            permissions: permissions.iter().map(|&permission| permission.to_owned()).collect(),
        })
    }

    #[must_use]
    pub fn client_as(&self, caller: Caller) -> Client {
        Client {
            http: self.http.clone(),
            base: self.url(),
            service: self.context().service.name,
            signer: self.signer.clone(),
            caller,
        }
    }

    /// Waits until every committed event is on the bus.
    ///
    /// # Panics
    /// When database or bus fail.
    pub async fn drain_outbox(&self) {
        messaging::drain_outbox(&self.db, &self.bus).await.expect("an outbox that empties");
    }

    /// Waits until every committed event is on the bus and the service's queue holds nothing but dead letters.
    ///
    /// # Panics
    /// When database or bus fail.
    pub async fn drain(&self) {
        messaging::drain(&self.context().endpoint).await.expect("queues that empty");
    }

    /// Hands the service an event as the bus would.
    ///
    /// # Panics
    /// When it is rejected.
    pub async fn deliver<E: wire::Event>(&self, event: &E) {
        let envelope = Envelope::new(&Act::system(Utc::now()), event).expect("an event that is JSON");
        if let Err(rejected) = self.deliver_envelope(&envelope).await {
            panic!("{} rejected {}: {rejected}", self.context().service.name, E::TYPE);
        }
    }

    /// As [`App::deliver`], for an event that may come twice or be rejected.
    ///
    /// # Errors
    /// What the handler answered.
    pub async fn deliver_envelope(&self, envelope: &Envelope) -> Result<Delivered, Rejected> {
        messaging::deliver(&self.context().endpoint, envelope).await
    }

    /// Hands the service events as a bus does that has many waiting: all of a type in one transaction, in the order of their
    /// subjects.
    ///
    /// # Panics
    /// When the service rejects them.
    pub async fn deliver_together(&self, events: &[Envelope]) {
        let mut by_type: BTreeMap<&str, Vec<&Envelope>> = BTreeMap::new();
        for event in events {
            by_type.entry(&event.r#type).or_default().push(event);
        }
        for (event_type, mut events) in by_type {
            events.sort_by(|one, next| one.subject.cmp(&next.subject));
            let handled = messaging::deliver_all(&self.context().endpoint, &events).await;
            let handled = handled.unwrap_or_else(|rejected| panic!("{event_type} was rejected: {rejected}"));
            assert_eq!(handled, events.len());
        }
    }

    /// Hands the service the golden events of `publisher` that it subscribes to, each once backwards, once forwards and once
    /// with all of its type;
    /// answers which. Their ids are always new: what comes twice must not be kept out by its id alone.
    ///
    /// # Panics
    /// When there are none, or one is rejected.
    pub async fn deliver_golden(&self, publisher: &str) -> Vec<Envelope> {
        let service = self.context().service;
        let mut events = golden_events(publisher);
        events.retain(|event| service.subscriptions.iter().any(|heard| heard.event_type == event.r#type));
        assert!(!events.is_empty(), "{} hears nothing of {publisher}", service.name);
        for event in events.iter().rev().chain(&events) {
            let event = Envelope { id: Uuid::now_v7(), ..event.clone() };
            if let Err(rejected) = self.deliver_envelope(&event).await {
                panic!("{} rejected {}: {rejected}", service.name, event.r#type);
            }
        }
        let again: Vec<_> = events.iter().map(|event| Envelope { id: Uuid::now_v7(), ..event.clone() }).collect();
        self.deliver_together(&again).await;
        events
    }

    /// Stops the service as on SIGTERM; database and bus stay for what is started next.
    pub async fn stop(self) -> (TestDb, TestBus) {
        self.running.stop().await;
        (self.db, self.bus)
    }
}
