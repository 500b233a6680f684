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

    pub(super) async fn declare_exchange(&self, channel: &Channel) -> Result<(), BusError> {
        channel
            .exchange_declare(
                self.exchange().into(),
                ExchangeKind::Topic,
                ExchangeDeclareOptions { durable: true, ..Default::default() },
                FieldTable::default(),
            )
            .await?;
        Ok(())
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
            channel
                .queue_bind(
                    self.queue(service).into(),
                    self.exchange().into(),
                    (*event_type).into(),
                    QueueBindOptions::default(),
                    FieldTable::default(),
                )
                .await?;
        }
        Ok(())
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
            channel.exchange_delete(self.exchange().into(), ExchangeDeleteOptions::default()).await?;
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
