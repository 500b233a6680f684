//! The services as this process sees them: their databases and queues from inside, everything else through the gateway.

use chassis::{Context, Running};
use messaging::{BusError, outbox};
use reqwest::Response;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub struct Inside<'a> {
    services: &'a [Running],
    http: reqwest::Client,
    gateway: String,
}

#[derive(Debug, thiserror::Error)]
pub enum InsideError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error(transparent)]
    Database(#[from] database::Error),
    #[error("the API key cannot be sent")]
    Key,
}

impl<'a> Inside<'a> {
    pub fn new(services: &'a [Running], gateway: &str, api_key: &str) -> Result<Self, InsideError> {
        let mut key = HeaderValue::from_str(api_key).map_err(|_| InsideError::Key)?;
        key.set_sensitive(true);
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-api-key"), key)]);
        let http = reqwest::Client::builder().default_headers(headers).no_proxy().build()?;
        Ok(Self { services, http, gateway: gateway.to_owned() })
    }

    pub fn context(&self, service: &str) -> &Context {
        let found = self.services.iter().find(|running| running.context.service.name == service);
        &found.expect("the house starts every service it asks for").context
    }

    pub async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, InsideError> {
        let answer =
            self.http.get(format!("{}{path}", self.gateway)).send().await.and_then(Response::error_for_status)?;
        Ok(answer.json().await?)
    }

    pub async fn post<B: Serialize, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, InsideError> {
        let request = self.http.post(format!("{}{path}", self.gateway)).json(body);
        Ok(request.send().await.and_then(Response::error_for_status)?.json().await?)
    }

    /// How many events are on their way: written and not published, or published and not taken in. Dead letters are
    /// not on their way any more.
    pub async fn waiting(&self) -> Result<u64, InsideError> {
        let mut waiting = 0;
        for running in self.services {
            let context = &running.context;
            waiting += outbox::backlog(&context.db).await?.events.unsigned_abs();
            let depth = context.bus.depth(context.service.name).await?;
            waiting += depth.ready + depth.retrying;
        }
        Ok(waiting)
    }
}
