use std::{
    collections::BTreeSet,
    env,
    ops::Deref,
    sync::{Mutex, PoisonError},
};

use messaging::Bus;
use tempfile::TempDir;
use uuid::Uuid;

use crate::clean_up;

const BROKER: &str = "amqp://guest:guest@127.0.0.1:5672/%2f";

/// Milliseconds: a failing event is dead after three retries.
const RETRY: &str = "retry=20,30,40";

/// A bus of one test, with retries after milliseconds; its queues are gone when dropped.
pub struct TestBus {
    url: String,
    bus: Bus,
    services: Mutex<BTreeSet<String>>,
    #[allow(dead_code, reason = "deletes the folder when dropped")]
    folder: Option<TempDir>,
}

impl TestBus {
    /// # Panics
    /// When there is no room for a temporary file.
    pub async fn local() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("local:{}?{RETRY}", folder.path().join("bus.db").display());
        Self::open(url, Some(folder)).await
    }

    /// Queues and exchange of their own on the broker of `GUANXI_TEST_BROKER_URL`.
    ///
    /// # Panics
    /// When the broker does not answer.
    pub async fn rabbit() -> Self {
        let broker = env::var("GUANXI_TEST_BROKER_URL").unwrap_or_else(|_| BROKER.into());
        let bus = Self::rabbit_at(&broker).await;
        bus.ping().await.expect("the test broker");
        bus
    }

    /// As [`TestBus::rabbit`] by another address of the broker, such as a [`crate::Proxy`]'s.
    pub async fn rabbit_at(broker: &str) -> Self {
        let separator = if broker.contains('?') { '&' } else { '?' };
        let prefix = format!("test-{}-", Uuid::now_v7().simple());
        Self::open(format!("{broker}{separator}prefix={prefix}&{RETRY}"), None).await
    }

    async fn open(url: String, folder: Option<TempDir>) -> Self {
        let bus = Bus::connect(&url).await.expect("a bus");
        Self { url, bus, services: Mutex::default(), folder }
    }

    /// Remembers a service whose queues are to go with the test.
    pub fn serves(&self, service: &str) {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned());
    }

    /// For a second connection, or a process of its own.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    #[must_use]
    pub fn bus(&self) -> Bus {
        self.bus.clone()
    }
}

impl Deref for TestBus {
    type Target = Bus;

    fn deref(&self) -> &Bus {
        &self.bus
    }
}

impl Drop for TestBus {
    fn drop(&mut self) {
        if self.folder.is_some() {
            return;
        }
        let services = std::mem::take(self.services.get_mut().unwrap_or_else(PoisonError::into_inner));
        let url = self.url.clone();
        clean_up(|| async move {
            if let Err(error) = delete(&url, services).await {
                eprintln!("cannot delete the test's queues: {error}");
            }
        });
    }
}

async fn delete(url: &str, services: BTreeSet<String>) -> Result<(), messaging::BusError> {
    let bus = Bus::connect(url).await?;
    for service in services {
        bus.delete(&service).await?;
    }
    Ok(())
}
