use futures::future::try_join_all;
use lapin::{
    Channel,
    message::Delivery,
    options::{BasicAckOptions, BasicPublishOptions},
};
use tracing::info;

use super::{Rabbit, answer, confirmed, dead::get, topology::count};
use crate::BusError;

/// How many events are on their way at once.
const BATCH: u64 = 100;

impl Rabbit {
    /// Publishes again what came before any queue was bound for it, and says how much that was. To be called when a queue has
    /// been bound for the first time, on a channel in confirm mode: what nobody wants yet returns to where it was, and there
    /// may be a hundred thousand of it.
    pub(super) async fn reroute(&self, channel: &Channel) -> Result<u64, BusError> {
        // Not "until it is empty", which it may never be.
        let mut left = answer(count(channel, self.names.unrouted())).await?;
        let mut again = 0;
        while left > 0 {
            let batch = self.unrouted(channel, left.min(BATCH)).await?;
            if batch.is_empty() {
                break;
            }
            self.publish_again(channel, &batch).await?;
            again += batch.len() as u64;
            left = left.saturating_sub(BATCH);
        }
        if again > 0 {
            info!(events = again, "published events again that no queue was bound for");
        }
        Ok(again)
    }

    async fn unrouted(&self, channel: &Channel, most: u64) -> Result<Vec<Delivery>, BusError> {
        let mut batch = Vec::new();
        for _ in 0..most {
            let Some(delivery) = get(channel, &self.names.unrouted()).await? else {
                break;
            };
            batch.push(delivery);
        }
        Ok(batch)
    }

    /// Takes them out of the queue only when all are safe elsewhere: a crash in between makes them come twice.
    async fn publish_again(&self, channel: &Channel, batch: &[Delivery]) -> Result<(), BusError> {
        let mut confirms = Vec::with_capacity(batch.len());
        for delivery in batch {
            let event_type = delivery.properties.kind().as_ref().unwrap_or(&delivery.routing_key);
            let publishing = channel.basic_publish(
                self.names.exchange().into(),
                event_type.clone(),
                BasicPublishOptions::default(),
                &delivery.data,
                delivery.properties.clone(),
            );
            confirms.push(confirmed(answer(async { Ok(publishing.await?) }).await?));
        }
        try_join_all(confirms).await?;
        for delivery in batch {
            delivery.ack(BasicAckOptions::default()).await?;
        }
        Ok(())
    }
}
