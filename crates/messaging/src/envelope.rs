use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Act, Rejected};

/// Content type of an event on the wire.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// An event as it travels: CloudEvents 1.0, structured JSON.
///
/// Unknown attributes are ignored, because events only grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<D = Value> {
    pub specversion: String,
    pub id: Uuid,
    /// `/<service>`
    pub source: String,
    pub r#type: String,
    /// The id of the aggregate.
    pub subject: String,
    pub time: DateTime<Utc>,
    /// The aggregate's version: consumers ignore what is not newer than what they have.
    pub sequence: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    pub actor: String,
    pub datacontenttype: String,
    pub data: D,
}

impl<D> Envelope<D> {
    /// Around an event as `data` represents it, be it the event itself.
    pub(crate) fn around<E: wire::Event>(act: &Act, event: &E, data: D) -> Self {
        let service = E::TYPE.split('.').next().unwrap_or_default();
        Self {
            specversion: "1.0".into(),
            id: Uuid::now_v7(),
            source: format!("/{service}"),
            r#type: E::TYPE.into(),
            subject: event.subject().to_string(),
            time: act.at,
            sequence: event.sequence(),
            traceparent: act.traceparent.clone(),
            actor: act.actor.clone(),
            datacontenttype: "application/json".into(),
            data,
        }
    }
}

impl Envelope {
    /// # Errors
    /// When the event cannot be represented as JSON.
    pub fn new<E: wire::Event>(act: &Act, event: &E) -> Result<Self, serde_json::Error> {
        Ok(Self::around(act, event, serde_json::to_value(event)?))
    }

    /// The event inside.
    ///
    /// # Errors
    /// [`Rejected::Poison`] when it is another type of event or its data has another shape: trying again cannot help.
    pub fn decode<E: wire::Event>(&self) -> Result<E, Rejected> {
        if self.r#type != E::TYPE {
            return Err(Rejected::Poison(format!("expected {}, got {}", E::TYPE, self.r#type)));
        }
        E::deserialize(&self.data).map_err(|error| Rejected::Poison(format!("data of {}: {error}", E::TYPE)))
    }

    pub(crate) fn parse(body: &[u8]) -> Result<Self, Rejected> {
        let envelope: Self =
            serde_json::from_slice(body).map_err(|error| Rejected::Poison(format!("not an event: {error}")))?;
        if envelope.specversion != "1.0" {
            return Err(Rejected::Poison(format!("CloudEvents version {:?} is not 1.0", envelope.specversion)));
        }
        Ok(envelope)
    }
}
