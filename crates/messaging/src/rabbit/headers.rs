//! What travels beside an event: AMQP properties and headers.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldTable, LongString},
};

use crate::{DeadLetter, Message, envelope::CONTENT_TYPE};

const ATTEMPTS: &str = "attempts";
const REASON: &str = "reason";
const TRACEPARENT: &str = "traceparent";
const PUBLISHED_AT: &str = "published-at";
/// Set by the broker on what it moved to the dead letters by itself.
const BROKER_REASON: &str = "x-first-death-reason";

const PERSISTENT: u8 = 2;

pub(super) fn of_event(message: &Message) -> BasicProperties {
    let mut headers = FieldTable::default();
    let published_at = message.at.to_rfc3339_opts(SecondsFormat::Micros, true);
    headers.insert(PUBLISHED_AT.into(), text(published_at));
    if let Some(traceparent) = &message.traceparent {
        headers.insert(TRACEPARENT.into(), text(traceparent.as_str()));
    }
    BasicProperties::default()
        .with_content_type(CONTENT_TYPE.into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(message.id.to_string().into())
        .with_type(message.event_type.as_str().into())
        .with_timestamp(message.at.timestamp().unsigned_abs())
        .with_headers(headers)
}

/// As the message came, with how often and why it failed.
pub(super) fn of_failure(delivery: &Delivery, attempts: u32, reason: &str) -> BasicProperties {
    let mut headers = headers(delivery);
    headers.insert(ATTEMPTS.into(), attempts.into());
    headers.insert(REASON.into(), text(reason));
    delivery.properties.clone().with_headers(headers)
}

/// The delay is the message's, not the queue's: all messages of a queue have the same, so none waits behind a longer
/// one, and it can be configured anew without deleting the queue.
pub(super) fn delayed(properties: BasicProperties, delay: Duration) -> BasicProperties {
    properties.with_expiration(delay.as_millis().to_string().into())
}

/// As the message came first.
pub(super) fn of_redrive(delivery: &Delivery) -> BasicProperties {
    let mut kept = FieldTable::default();
    for (name, value) in headers(delivery).inner() {
        if [TRACEPARENT, PUBLISHED_AT].contains(&name.as_str()) {
            kept.insert(name.clone(), value.clone());
        }
    }
    delivery.properties.clone().with_headers(kept)
}

pub(super) fn attempts(delivery: &Delivery) -> u32 {
    match headers(delivery).inner().get(ATTEMPTS) {
        Some(AMQPValue::LongUInt(attempts)) => *attempts,
        Some(AMQPValue::LongLongInt(attempts)) => u32::try_from(*attempts).unwrap_or_default(),
        Some(AMQPValue::LongInt(attempts)) => u32::try_from(*attempts).unwrap_or_default(),
        _ => 0,
    }
}

pub(super) fn dead_letter(delivery: Delivery) -> DeadLetter {
    let event_type = delivery.properties.kind().as_ref().map(ToString::to_string);
    DeadLetter {
        event_type: event_type.unwrap_or_default(),
        reason: header(&delivery, REASON).or_else(|| header(&delivery, BROKER_REASON)).unwrap_or_default(),
        attempts: attempts(&delivery),
        published_at: header(&delivery, PUBLISHED_AT)
            .and_then(|at| DateTime::parse_from_rfc3339(&at).ok())
            .map(|at| at.with_timezone(&Utc)),
        body: delivery.data,
    }
}

fn header(delivery: &Delivery, name: &str) -> Option<String> {
    match headers(delivery).inner().get(name) {
        Some(AMQPValue::LongString(text)) => Some(text.to_string()),
        _ => None,
    }
}

fn headers(delivery: &Delivery) -> FieldTable {
    delivery.properties.headers().clone().unwrap_or_default()
}

fn text(value: impl Into<LongString>) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
