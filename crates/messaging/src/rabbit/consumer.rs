use std::sync::Arc;

use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use lapin::{
    Channel,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{Rabbit, answer, headers, put};
use crate::{
    BusError, Endpoint,
    consumer::{Incoming, Load, PREFETCH, TOGETHER, Verdict, concurrency, loads, receive},
};

/// Consumes on a connection of its own (a broker short of resources blocks those that publish) until told to stop or
/// the connection is lost.
pub(crate) async fn run(rabbit: &Arc<Rabbit>, end: &Endpoint, stop: &CancellationToken) -> Result<(), BusError> {
    let Some(link) = stop.run_until_cancelled(rabbit.open(end.service)).await else {
        return Ok(());
    };
    let link = link?;
    let types: Vec<&str> = end.subscriptions.iter().map(|s| s.event_type).collect();
    let channel = &link.channel;
    rabbit.declare_on(channel, end.service, &types).await?;
    let consumer = answer(async {
        let prefetch = u16::try_from(PREFETCH).unwrap_or(u16::MAX);
        channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
        // Not exclusive: replicas of the service share the queue.
        let consumer = channel
            .basic_consume(
                rabbit.names.queue(end.service).into(),
                "".into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await?;
        Ok(consumer)
    })
    .await?;
    debug!(service = end.service, "consuming");
    consumer
        .take_until(stop.cancelled())
        .ready_chunks(TOGETHER)
        .map(|some| {
            let deliveries = some.into_iter().collect::<Result<Vec<Delivery>, _>>()?;
            Ok::<_, BusError>(stream::iter(loads(end, deliveries.into_iter().map(incoming))).map(Ok))
        })
        .try_flatten()
        .try_for_each_concurrent(concurrency(&end.db), |load| handle(rabbit, &link.channel, end, load, stop).boxed())
        .await?;
    if !stop.is_cancelled() {
        return Err(BusError::Lost);
    }
    // What was prefetched and not begun goes back to the queue with this.
    link.connection.close(200, "stopping".into()).await?;
    Ok(())
}

fn incoming(delivery: Delivery) -> (Delivery, Incoming) {
    let message = Incoming::new(&delivery.data, headers::attempts(&delivery));
    (delivery, message)
}

async fn handle(
    rabbit: &Rabbit,
    channel: &Channel,
    end: &Endpoint,
    load: Load<Delivery>,
    stop: &CancellationToken,
) -> Result<(), BusError> {
    for (delivery, verdict) in receive(end, &rabbit.retries, load, stop).await {
        settle(rabbit, channel, end.service, &delivery, verdict).await?;
    }
    Ok(())
}

/// Answers only when the outcome is safe: committed, or confirmed in another queue.
async fn settle(
    rabbit: &Rabbit,
    channel: &Channel,
    service: &str,
    delivery: &Delivery,
    verdict: Verdict,
) -> Result<(), BusError> {
    match verdict {
        Verdict::Done => {}
        Verdict::Again { attempts, delay, reason } => {
            let properties = headers::of_failure(delivery, attempts, &reason);
            let properties = headers::delayed(properties, delay);
            put(channel, rabbit.names.retry(service, attempts), &delivery.data, properties).await?;
        }
        Verdict::Dead { attempts, reason } => {
            let properties = headers::of_failure(delivery, attempts, &reason);
            put(channel, rabbit.names.dead(service), &delivery.data, properties).await?;
        }
        Verdict::Stopped => return Ok(()),
    }
    if delivery.ack(BasicAckOptions::default()).await? { Ok(()) } else { Err(BusError::Lost) }
}
