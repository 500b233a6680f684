use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{Retries, Subscription, local::Local, rabbit::Rabbit};

/// How often a delivery may end without an answer (a crash, a lost connection) before it is a dead letter.
pub(crate) const DELIVERY_LIMIT: i32 = 20;

/// What carries events between services. One a process, shared by all services in it; cheap to clone.
#[derive(Clone)]
pub enum Bus {
    /// A RabbitMQ broker.
    Rabbit(Arc<Rabbit>),
    /// A file of this process, with the same promises.
    Local(Arc<Local>),
}

#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Does not repeat the address, which may hold a password.
    #[error("bus address: {0}")]
    Address(String),
    #[error("broker: {0}")]
    Broker(#[from] lapin::Error),
    #[error("the connection to the broker was lost")]
    Lost,
    #[error("the broker did not answer in time")]
    Silent,
    #[error("the broker refused a message")]
    Refused,
    #[error("bus file: {0}")]
    File(#[from] database::Error),
}

/// An event on its way to the bus.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: Uuid,
    pub event_type: String,
    pub traceparent: Option<String>,
    pub body: Vec<u8>,
    pub at: DateTime<Utc>,
}

/// What became of a batch: which messages the bus has taken, and what stopped the others.
#[derive(Debug, Default)]
pub struct Published {
    /// Indices into the batch.
    pub confirmed: Vec<usize>,
    pub failure: Option<BusError>,
}

/// How many messages a service's queues hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Depth {
    pub ready: u64,
    /// Failed, waiting for their next try.
    pub retrying: u64,
    pub dead: u64,
}

/// An event that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    pub event_type: String,
    pub reason: String,
    /// How often a handler refused it.
    pub attempts: u32,
    pub published_at: Option<DateTime<Utc>>,
    /// As it came, decodable or not.
    #[serde(skip)]
    pub body: Vec<u8>,
}

impl Bus {
    /// `amqp://…`, `amqps://…` or `local:/path/bus.db`.
    ///
    /// Parameters: `prefix` is put before the name of every queue and exchange, so that several systems can share a
    /// broker; `retry` is the list of delays in milliseconds. A broker that is down is no error: it is connected to
    /// when needed, and again when lost.
    ///
    /// # Errors
    /// When the address makes no sense or the file cannot be opened.
    pub async fn connect(url: &str) -> Result<Self, BusError> {
        let address = Address::parse(url)?;
        if let Some(path) = address.target.strip_prefix("local:") {
            return Ok(Self::Local(Arc::new(Local::open(path, address.retries).await?)));
        }
        Ok(Self::Rabbit(Arc::new(Rabbit::new(&address.target, address.prefix, address.retries)?)))
    }

    /// Makes the service's queues and binds them. From here on no event of these types is missed. Answers how many that had
    /// come before were published again.
    ///
    /// # Errors
    /// When the bus cannot be reached; consumers declare again whenever they connect.
    pub async fn declare(&self, service: &str, subscriptions: &[Subscription]) -> Result<u64, BusError> {
        let types: Vec<&str> = subscriptions.iter().map(|s| s.event_type).collect();
        match self {
            Self::Rabbit(rabbit) => rabbit.declare(service, &types).await,
            Self::Local(local) => local.declare(service, &types).await.map(|()| 0),
        }
    }

    /// Hands over a batch. What is confirmed is safe on disk in every subscribed queue.
    pub async fn publish(&self, messages: &[Message]) -> Published {
        match self {
            Self::Rabbit(rabbit) => rabbit.publish(messages).await,
            Self::Local(local) => local.publish(messages).await,
        }
    }

    /// # Errors
    /// When the bus cannot be reached.
    pub async fn ping(&self) -> Result<(), BusError> {
        match self {
            Self::Rabbit(rabbit) => rabbit.ping().await,
            Self::Local(local) => local.ping().await,
        }
    }

    /// Does not count messages a consumer holds unanswered on a broker.
    ///
    /// # Errors
    /// When the bus cannot be reached or the service was never declared.
    pub async fn depth(&self, service: &str) -> Result<Depth, BusError> {
        match self {
            Self::Rabbit(rabbit) => rabbit.depth(service).await,
            Self::Local(local) => local.depth(service).await,
        }
    }

    /// Deletes the service's queues with all they hold, and on a broker with a `prefix` what they share too: for tests.
    ///
    /// # Errors
    /// When the bus cannot be reached.
    pub async fn delete(&self, service: &str) -> Result<(), BusError> {
        match self {
            Self::Rabbit(rabbit) => rabbit.delete(service).await,
            Self::Local(local) => local.delete(service).await,
        }
    }
}

/// The service's dead letters, oldest first. They stay where they are.
///
/// # Errors
/// When the bus cannot be reached.
pub async fn dead_letters(bus: &Bus, service: &str) -> Result<Vec<DeadLetter>, BusError> {
    match bus {
        Bus::Rabbit(rabbit) => rabbit.dead_letters(service).await,
        Bus::Local(local) => local.dead_letters(service).await,
    }
}

/// Puts the service's dead letters back into its queue, with all tries before them. Returns how many.
///
/// # Errors
/// When the bus cannot be reached.
pub async fn redrive(bus: &Bus, service: &str) -> Result<u64, BusError> {
    match bus {
        Bus::Rabbit(rabbit) => rabbit.redrive(service).await,
        Bus::Local(local) => local.redrive(service).await,
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rabbit(_) => "Bus::Rabbit",
            Self::Local(_) => "Bus::Local",
        })
    }
}

/// A bus address without the parameters that are ours.
#[derive(Debug, PartialEq)]
struct Address {
    target: String,
    prefix: String,
    retries: Retries,
}

impl Address {
    fn parse(url: &str) -> Result<Self, BusError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        if !["amqp://", "amqps://", "local:"].iter().any(|scheme| base.starts_with(scheme)) {
            return Err(BusError::Address("must begin with amqp://, amqps:// or local:".into()));
        }
        let mut address = Self { target: base.into(), prefix: String::new(), retries: Retries::default() };
        let mut others = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("prefix", prefix)) => address.prefix = prefix.into(),
                Some(("retry", delays)) => {
                    address.retries = Retries::parse(delays)
                        .ok_or_else(|| BusError::Address(format!("retry={delays} is no list of milliseconds")))?;
                }
                _ => others.push(pair),
            }
        }
        if !others.is_empty() {
            address.target = format!("{base}?{}", others.join("&"));
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_parameters_are_taken_out_of_the_address() {
        let address = Address::parse("amqp://h/%2f?prefix=t1-&heartbeat=5&retry=10,20").unwrap();
        assert_eq!(address.target, "amqp://h/%2f?heartbeat=5");
        assert_eq!(address.prefix, "t1-");
        assert_eq!(address.retries.count(), 2);
        assert_eq!(Address::parse("local:/var/bus.db").unwrap().target, "local:/var/bus.db");
    }

    #[test]
    fn a_wrong_address_is_refused_without_being_repeated() {
        let error = Address::parse("http://user:secret@h").unwrap_err();
        assert!(!error.to_string().contains("secret"));
        assert!(Address::parse("amqp://h?retry=soon").is_err());
    }
}
