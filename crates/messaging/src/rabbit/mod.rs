//! The bus between processes: a RabbitMQ broker.

mod consumer;
mod dead;
mod headers;
mod topology;
mod unrouted;

use std::{
    sync::{Arc, Once},
    time::Duration,
};

use futures::future::join_all;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    uri::AMQPUri,
};
use tokio::{sync::Mutex, time::timeout};

use crate::{BusError, Depth, Message, Published, Retries};

pub(crate) use consumer::run;
use topology::Names;

/// For each answer of the broker, confirms included: fsyncs of a busy quorum take a while.
const PATIENCE: Duration = Duration::from_secs(15);

/// Seconds; a peer that vanished without closing is noticed after two.
const HEARTBEAT: u16 = 10;

/// A broker. Connects when first needed and again when the connection was lost.
pub struct Rabbit {
    uri: AMQPUri,
    names: Names,
    retries: Retries,
    link: Mutex<Option<Arc<Link>>>,
}

/// A connection with a channel in confirm mode.
struct Link {
    connection: Connection,
    channel: Channel,
}

impl Link {
    fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }
}

impl Rabbit {
    pub(crate) fn new(uri: &str, prefix: String, retries: Retries) -> Result<Self, BusError> {
        // The parser's message may repeat what is in the address.
        let mut uri: AMQPUri = uri.parse().map_err(|_| BusError::Address("is no AMQP URI".into()))?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        choose_tls();
        Ok(Self { uri, names: Names::new(prefix), retries, link: Mutex::default() })
    }

    pub(crate) async fn ping(&self) -> Result<(), BusError> {
        self.link().await.map(drop)
    }

    pub(crate) async fn declare(&self, service: &str, types: &[&str]) -> Result<u64, BusError> {
        let channel = self.channel().await?;
        answer(async { Ok(channel.confirm_select(ConfirmSelectOptions::default()).await?) }).await?;
        self.declare_on(&channel, service, types).await
    }

    /// Makes the service's queues and binds them, on a channel in confirm mode. The first time for these types, what came
    /// before is published again; answers how much that was.
    async fn declare_on(&self, channel: &Channel, service: &str, types: &[&str]) -> Result<u64, BusError> {
        let is_bound = types.is_empty() || self.is_bound(service, types).await?;
        answer(self.names.declare(channel, service, types, &self.retries)).await?;
        if is_bound {
            return Ok(0);
        }
        let again = self.reroute(channel).await?;
        answer(self.names.mark_bound(channel, service, types)).await?;
        Ok(again)
    }

    /// Whether the service's queue has been bound for these types. Where that cannot be told it is taken not to be.
    async fn is_bound(&self, service: &str, types: &[&str]) -> Result<bool, BusError> {
        // Of its own: asking for what is not there closes it.
        let channel = self.channel().await?;
        Ok(answer(self.names.find_bound(&channel, service, types)).await.is_ok())
    }

    pub(crate) async fn depth(&self, service: &str) -> Result<Depth, BusError> {
        let channel = self.channel().await?;
        answer(self.names.depth(&channel, service, &self.retries)).await
    }

    pub(crate) async fn delete(&self, service: &str) -> Result<(), BusError> {
        let channel = self.channel().await?;
        answer(self.names.delete(&channel, service, &self.retries)).await
    }

    /// Sends the whole batch, then waits for all confirms: one by one, a quorum queue takes a twentieth of it.
    ///
    /// Not `mandatory`: an event nobody subscribes to is published as well as any, and waits for its first subscriber.
    pub(crate) async fn publish(&self, messages: &[Message]) -> Published {
        let link = match self.link().await {
            Ok(link) => link,
            Err(failure) => return failed(failure),
        };
        let mut confirms = Vec::with_capacity(messages.len());
        let mut failure = None;
        for message in messages {
            match self.send(&link.channel, message).await {
                Ok(confirm) => confirms.push(confirmed(confirm)),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        let mut published = Published { confirmed: Vec::with_capacity(confirms.len()), failure };
        for (index, outcome) in join_all(confirms).await.into_iter().enumerate() {
            match outcome {
                Ok(()) => published.confirmed.push(index),
                Err(error) => {
                    published.failure.get_or_insert(error);
                }
            }
        }
        if matches!(published.failure, Some(BusError::Silent)) {
            self.forget(&link).await;
        }
        published
    }

    async fn send(&self, channel: &Channel, message: &Message) -> Result<PublisherConfirm, BusError> {
        answer(async {
            let confirm = channel
                .basic_publish(
                    self.names.exchange().into(),
                    message.event_type.as_str().into(),
                    BasicPublishOptions::default(),
                    &message.body,
                    headers::of_event(message),
                )
                .await?;
            Ok(confirm)
        })
        .await
    }

    /// A channel of its own, for work whose failure closes the channel.
    async fn channel(&self) -> Result<Channel, BusError> {
        let link = self.link().await?;
        answer(async { Ok(link.connection.create_channel().await?) }).await
    }

    async fn link(&self) -> Result<Arc<Link>, BusError> {
        let mut slot = self.link.lock().await;
        if let Some(link) = slot.as_ref().filter(|link| link.is_open()) {
            return Ok(link.clone());
        }
        let link = Arc::new(self.open("publisher").await?);
        *slot = Some(link.clone());
        Ok(link)
    }

    async fn forget(&self, link: &Arc<Link>) {
        let mut slot = self.link.lock().await;
        if slot.as_ref().is_some_and(|held| Arc::ptr_eq(held, link)) {
            *slot = None;
        }
    }

    async fn open(&self, purpose: &str) -> Result<Link, BusError> {
        let properties = ConnectionProperties::default().with_connection_name(format!("guanxi {purpose}").into());
        answer(async {
            let connection = Connection::connect_uri(self.uri.clone(), properties).await?;
            let channel = connection.create_channel().await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            self.names.declare_exchange(&channel).await?;
            Ok(Link { connection, channel })
        })
        .await
    }
}

/// Publishes straight to a queue, and waits until it is safe there.
async fn put(channel: &Channel, queue: String, body: &[u8], properties: BasicProperties) -> Result<(), BusError> {
    let confirm = answer(async {
        Ok(channel
            .basic_publish(
                "".into(),
                queue.into(),
                // Here a missing queue would lose the message.
                BasicPublishOptions { mandatory: true, ..Default::default() },
                body,
                properties,
            )
            .await?)
    })
    .await?;
    confirmed(confirm).await
}

async fn confirmed(confirm: PublisherConfirm) -> Result<(), BusError> {
    match answer(async { Ok(confirm.await?) }).await? {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_)) | Confirmation::Nack(_) | Confirmation::NotRequested => Err(BusError::Refused),
    }
}

async fn answer<T>(work: impl Future<Output = Result<T, BusError>>) -> Result<T, BusError> {
    timeout(PATIENCE, work).await.unwrap_or(Err(BusError::Silent))
}

fn failed(failure: BusError) -> Published {
    Published { confirmed: Vec::new(), failure: Some(failure) }
}

/// rustls wants one provider chosen for the process; whoever chose before is right too.
fn choose_tls() {
    static CHOSEN: Once = Once::new();
    CHOSEN.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().ok();
    });
}
