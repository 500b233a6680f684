use lapin::{
    Channel, ExchangeKind,
    options::{
        ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    },
    types::{AMQPValue, FieldTable, LongString},
};

use crate::{BusError, Depth, Retries, bus::DELIVERY_LIMIT};

/// The dead letters are read (which counts as a delivery) but never given up. Brokers before version 4 refuse -1 and
/// later ones set a limit of 20 where none is given.
const NO_LIMIT: i32 = i32::MAX;

/// How long, and how many, events wait for a first subscriber; beyond it the oldest go, so that no publisher is held up.
const UNROUTED_MILLISECONDS: i32 = 7 * 24 * 60 * 60 * 1000;
const UNROUTED_EVENTS: i32 = 100_000;

/// The names of exchange and queues.
pub(super) struct Names {
    prefix: String,
}

impl Names {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    pub(super) fn exchange(&self) -> String {
        format!("{}guanxi.events", self.prefix)
    }

    /// Exchange and queue of the events that no queue was bound for when they came.
    pub(super) fn unrouted(&self) -> String {
        format!("{}guanxi.unrouted", self.prefix)
    }

    /// An exchange that is there as long as the service's queue is, bound for these types.
    fn bound(&self, service: &str, types: &[&str]) -> String {
        let mut types = types.to_vec();
        types.sort_unstable();
        format!("{}{service}.bound.{:08x}", self.prefix, crc32fast::hash(types.join(" ").as_bytes()))
    }

    pub(super) fn queue(&self, service: &str) -> String {
        format!("{}{service}", self.prefix)
    }

    /// Where messages wait for their `attempt`-th further try, from 1.
    pub(super) fn retry(&self, service: &str, attempt: u32) -> String {
        format!("{}{service}.retry.{attempt}", self.prefix)
    }

    pub(super) fn dead(&self, service: &str) -> String {
        format!("{}{service}.dead", self.prefix)
    }

    fn retry_queues(&self, service: &str, retries: &Retries) -> Vec<String> {
        (1..).take(retries.count()).map(|attempt| self.retry(service, attempt)).collect()
    }

    /// The exchange, and behind it the queue for what it cannot route.
    pub(super) async fn declare_exchange(&self, channel: &Channel) -> Result<(), BusError> {
        let mut waiting = quorum();
        waiting.insert("x-delivery-limit".into(), NO_LIMIT.into());
        waiting.insert("x-message-ttl".into(), UNROUTED_MILLISECONDS.into());
        waiting.insert("x-max-length".into(), UNROUTED_EVENTS.into());
        declare_queue(channel, self.unrouted(), waiting).await?;
        declare_exchange(channel, self.unrouted(), ExchangeKind::Fanout, FieldTable::default()).await?;
        bind(channel, self.unrouted(), self.unrouted(), "").await?;
        let mut arguments = FieldTable::default();
        arguments.insert("alternate-exchange".into(), text(self.unrouted()));
        declare_exchange(channel, self.exchange(), ExchangeKind::Topic, arguments).await
    }

    pub(super) async fn declare(
        &self,
        channel: &Channel,
        service: &str,
        types: &[&str],
        retries: &Retries,
    ) -> Result<(), BusError> {
        self.declare_exchange(channel).await?;
        let mut dead = quorum();
        dead.insert("x-delivery-limit".into(), NO_LIMIT.into());
        declare_queue(channel, self.dead(service), dead).await?;
        let mut queue = quorum();
        queue.insert("x-delivery-limit".into(), DELIVERY_LIMIT.into());
        dead_letter_to(&mut queue, self.dead(service));
        declare_queue(channel, self.queue(service), queue).await?;
        for retry in self.retry_queues(service, retries) {
            let mut arguments = quorum();
            dead_letter_to(&mut arguments, self.queue(service));
            declare_queue(channel, retry, arguments).await?;
        }
        for event_type in types {
            bind(channel, self.queue(service), self.exchange(), event_type).await?;
        }
        Ok(())
    }

    pub(super) async fn find_bound(&self, channel: &Channel, service: &str, types: &[&str]) -> Result<(), BusError> {
        let options = ExchangeDeclareOptions { passive: true, ..Default::default() };
        let name = self.bound(service, types).into();
        channel.exchange_declare(name, ExchangeKind::Fanout, options, FieldTable::default()).await?;
        Ok(())
    }

    /// Nothing is published to it, and it goes with the queue.
    pub(super) async fn mark_bound(&self, channel: &Channel, service: &str, types: &[&str]) -> Result<(), BusError> {
        let (name, options) = (
            self.bound(service, types),
            ExchangeDeclareOptions { durable: true, auto_delete: true, ..Default::default() },
        );
        channel.exchange_declare(name.as_str().into(), ExchangeKind::Fanout, options, FieldTable::default()).await?;
        bind(channel, self.queue(service), name, "").await
    }

    pub(super) async fn depth(&self, channel: &Channel, service: &str, retries: &Retries) -> Result<Depth, BusError> {
        let mut depth = Depth {
            ready: count(channel, self.queue(service)).await?,
            retrying: 0,
            dead: count(channel, self.dead(service)).await?,
        };
        for retry in self.retry_queues(service, retries) {
            depth.retrying += count(channel, retry).await?;
        }
        Ok(depth)
    }

    pub(super) async fn delete(&self, channel: &Channel, service: &str, retries: &Retries) -> Result<(), BusError> {
        let mut queues = self.retry_queues(service, retries);
        queues.extend([self.queue(service), self.dead(service)]);
        for queue in queues {
            channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await?;
        }
        if !self.prefix.is_empty() {
            for exchange in [self.exchange(), self.unrouted()] {
                channel.exchange_delete(exchange.into(), ExchangeDeleteOptions::default()).await?;
            }
            channel.queue_delete(self.unrouted().into(), QueueDeleteOptions::default()).await?;
        }
        Ok(())
    }
}

pub(super) async fn count(channel: &Channel, queue: String) -> Result<u64, BusError> {
    let queue =
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable().passive(), FieldTable::default()).await?;
    Ok(queue.message_count().into())
}

async fn declare_queue(channel: &Channel, name: String, arguments: FieldTable) -> Result<(), BusError> {
    channel.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments).await?;
    Ok(())
}

async fn declare_exchange(
    channel: &Channel,
    name: String,
    kind: ExchangeKind,
    arguments: FieldTable,
) -> Result<(), BusError> {
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    channel.exchange_declare(name.into(), kind, options, arguments).await?;
    Ok(())
}

async fn bind(channel: &Channel, queue: String, exchange: String, key: &str) -> Result<(), BusError> {
    channel
        .queue_bind(queue.into(), exchange.into(), key.into(), QueueBindOptions::default(), FieldTable::default())
        .await?;
    Ok(())
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

/// Moves what expires or exceeds its deliveries to another queue, by the default exchange; it stays here until it is
/// confirmed there, which needs `reject-publish`.
fn dead_letter_to(arguments: &mut FieldTable, queue: String) {
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(queue));
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
}

fn text(value: impl Into<LongString>) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
