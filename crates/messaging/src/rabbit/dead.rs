use std::time::Duration;

use lapin::{
    Channel,
    message::Delivery,
    options::{BasicAckOptions, BasicGetOptions, BasicNackOptions, ConfirmSelectOptions},
};

use super::{Rabbit, answer, headers, put, topology::count};
use crate::{BusError, DeadLetter};

impl Rabbit {
    pub(crate) async fn dead_letters(&self, service: &str) -> Result<Vec<DeadLetter>, BusError> {
        let channel = self.channel().await?;
        let queue = self.names.dead(service);
        let mut letters = Vec::new();
        for _ in 0..answer(count(&channel, queue.clone())).await? {
            let Some(delivery) = get(&channel, &queue).await? else {
                break;
            };
            letters.push(delivery);
        }
        // Only after all were read: one put back at once would be read again.
        for letter in &letters {
            letter.nack(BasicNackOptions { requeue: true, ..Default::default() }).await?;
        }
        self.await_return(&channel, queue, letters.len() as u64).await?;
        Ok(letters.into_iter().map(headers::dead_letter).collect())
    }

    /// The broker puts them back in its own time; a redrive that follows at once is to find them.
    async fn await_return(&self, channel: &Channel, queue: String, letters: u64) -> Result<(), BusError> {
        let mut poll = tokio::time::interval(Duration::from_millis(10));
        // Not for ever: someone else may have taken them.
        for _ in 0..100 {
            if answer(count(channel, queue.clone())).await? >= letters {
                break;
            }
            poll.tick().await;
        }
        Ok(())
    }

    pub(crate) async fn redrive(&self, service: &str) -> Result<u64, BusError> {
        let channel = self.channel().await?;
        answer(async { Ok(channel.confirm_select(ConfirmSelectOptions::default()).await?) }).await?;
        let dead = self.names.dead(service);
        let mut moved = 0;
        // Not "until it is empty": what fails again meanwhile stays dead.
        for _ in 0..answer(count(&channel, dead.clone())).await? {
            let Some(delivery) = get(&channel, &dead).await? else {
                break;
            };
            let properties = headers::of_redrive(&delivery);
            put(&channel, self.names.queue(service), &delivery.data, properties).await?;
            delivery.ack(BasicAckOptions::default()).await?;
            moved += 1;
        }
        Ok(moved)
    }
}

pub(super) async fn get(channel: &Channel, queue: &str) -> Result<Option<Delivery>, BusError> {
    answer(async {
        let got = channel.basic_get(queue.into(), BasicGetOptions::default()).await?;
        Ok(got.map(|message| message.delivery))
    })
    .await
}
