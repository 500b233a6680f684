//! Everything about a customer, asked of the services at the same time.

use actix_web::{HttpRequest, http::Method as Wanted};
use futures::{future::OptionFuture, join};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    callers::Identity,
    error::Error,
    gateway::Gateway,
    routing::{Owner, canonical},
    services::Service,
    upstream,
    v1::Customer360,
};

/// The latest of what happens all the time.
const LATEST: usize = 20;

/// Asks services in the name of one caller.
struct Asker<'a> {
    gateway: &'a Gateway,
    identity: &'a Identity,
    origin: &'a HttpRequest,
}

/// What became of one part.
#[derive(Debug, PartialEq)]
enum Part {
    Found(Value),
    Missing,
    /// To the customer with this id, of which it is a part now.
    Moved(String),
    Unavailable(&'static str),
    Withheld,
}

pub async fn compose(
    gateway: &Gateway,
    identity: &Identity,
    origin: &HttpRequest,
    reference: &str,
) -> Result<Customer360, Error> {
    let asker = Asker { gateway, identity, origin };
    if reference.parse::<Uuid>().is_ok() {
        let (customer, parts) = join!(asker.customer(reference), asker.parts(reference));
        let customer = customer?;
        if customer["id"] == reference {
            return Ok(parts.view(customer));
        }
        let id = customer["id"].as_str().unwrap_or(reference).to_owned();
        return Ok(asker.parts(&id).await.view(customer));
    }
    // The others know the customer by its id, so a code has to be looked up first.
    let customer = asker.customer(reference).await?;
    let id = customer["id"].as_str().unwrap_or(reference).to_owned();
    Ok(asker.parts(&id).await.view(customer))
}

struct Parts {
    contacts: Part,
    positions: Part,
    score: Part,
    interactions: Part,
    complaints: Part,
}

impl Asker<'_> {
    /// The customer itself: without it there is nothing to show.
    async fn customer(&self, reference: &str) -> Result<Value, Error> {
        match self.ask(&format!("/api/v1/customers/{}", segment(reference))).await? {
            Part::Found(customer) => Ok(customer),
            Part::Moved(id) => Box::pin(self.customer(&id)).await,
            Part::Missing => Err(Error::CustomerNotFound(reference.to_owned())),
            Part::Unavailable(service) => Err(Error::ServiceUnavailable { service, source: None }),
            Part::Withheld => Err(Error::Forbidden { permission: "customers:read".to_owned() }),
        }
    }

    async fn parts(&self, id: &str) -> Parts {
        let (contacts, positions, score, interactions, complaints) = join!(
            self.part(format!("/api/v1/contacts?customer_id={id}&limit=200")),
            self.part(format!("/api/v1/customers/{id}/positions?limit=200")),
            self.part(format!("/api/v1/customers/{id}/score")),
            self.part(format!("/api/v1/interactions?customer_id={id}&sort=-occurred_at&limit={LATEST}")),
            self.complaints(id),
        );
        Parts { contacts, positions, score, interactions, complaints }
    }

    /// Those not settled first, then the others, each the latest first.
    async fn complaints(&self, id: &str) -> Part {
        let list = format!("/api/v1/complaints?customer_id={id}&sort=-received_at&limit={LATEST}");
        let open = match self.part(format!("{list}&open=true")).await {
            Part::Found(open) => open,
            other => return other,
        };
        let missing = items(&open).len() < LATEST;
        let settled = OptionFuture::from(missing.then(|| self.part(format!("{list}&open=false")))).await;
        match settled {
            Some(Part::Found(settled)) => {
                let all = items(&open).iter().chain(items(&settled)).take(LATEST).cloned();
                Part::Found(serde_json::json!({ "items": all.collect::<Vec<_>>() }))
            }
            Some(other) => other,
            None => Part::Found(open),
        }
    }

    /// A part that may be missing from the whole.
    async fn part(&self, path_and_query: String) -> Part {
        match self.ask(&path_and_query).await {
            Ok(part) => part,
            Err(error) => {
                tracing::warn!(%error, "a part of a customer is not served");
                Part::Unavailable("gateway")
            }
        }
    }

    /// Asks whichever service has this path, as if the caller had.
    async fn ask(&self, path_and_query: &str) -> Result<Part, Error> {
        let path = path_and_query.split('?').next().unwrap_or_default();
        if canonical(path).is_none() {
            return Ok(Part::Missing);
        }
        let catalogue = self.gateway.services.catalogue();
        let operation = catalogue
            .table
            .find(path)
            .and_then(|resource| resource.operation(&Wanted::GET))
            .ok_or(Error::PathUnknown)?;
        let Owner::Service(index) = operation.owner else { return Err(Error::PathUnknown) };
        let service = &self.gateway.services.all[index];
        if operation.access.missing(&self.identity.caller.permissions).is_some() {
            return Ok(Part::Withheld);
        }
        Ok(self.fetch(service, path_and_query).await.unwrap_or_else(|error| {
            tracing::warn!(service = service.name, %error, "a part of a customer is missing");
            Part::Unavailable(service.name)
        }))
    }

    async fn fetch(&self, service: &Service, path_and_query: &str) -> Result<Part, Error> {
        let Self { gateway, identity, origin } = *self;
        let request = upstream::request(gateway, Some(identity), origin, service, Method::GET, path_and_query)?;
        let answer = upstream::send(&gateway.client, service.name, request, gateway.answer_within).await?;
        match answer.status() {
            StatusCode::OK => {
                let body = upstream::body(service.name, answer, gateway.answer_within).await?;
                let parsed = serde_json::from_slice(&body);
                Ok(parsed.map_or(Part::Unavailable(service.name), Part::Found))
            }
            StatusCode::MOVED_PERMANENTLY => {
                let body = upstream::body(service.name, answer, gateway.answer_within).await?;
                let to = serde_json::from_slice::<Value>(&body).unwrap_or_default();
                let to = to["merged_into"].as_str().map(str::to_owned);
                Ok(to.map_or(Part::Unavailable(service.name), Part::Moved))
            }
            StatusCode::NOT_FOUND => Ok(Part::Missing),
            StatusCode::FORBIDDEN => Ok(Part::Withheld),
            status => {
                tracing::warn!(service = service.name, %status, "a part of a customer was refused");
                Ok(Part::Unavailable(service.name))
            }
        }
    }
}

impl Parts {
    fn view(self, customer: Value) -> Customer360 {
        let (mut unavailable, mut withheld) = (vec![], vec![]);
        let mut take = |name: &'static str, part: Part| match part {
            Part::Found(value) => Some(value),
            Part::Missing | Part::Moved(_) => Some(Value::Null),
            Part::Unavailable(service) => {
                if !unavailable.contains(&service) {
                    unavailable.push(service);
                }
                None
            }
            Part::Withheld => {
                withheld.push(name);
                None
            }
        };
        let list = |value: Value| items(&value).to_vec();
        Customer360 {
            customer,
            contacts: take("contacts", self.contacts).map(list),
            positions: take("positions", self.positions).map(list),
            score: take("score", self.score),
            interactions: take("interactions", self.interactions).map(list),
            complaints: take("complaints", self.complaints).map(list),
            unavailable,
            withheld,
        }
    }
}

fn items(page: &Value) -> &[Value] {
    page["items"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A value as one segment of a path.
fn segment(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_stays_one_segment() {
        assert_eq!(segment("C-000123"), "C-000123");
        assert_eq!(segment("../users?x=1#华"), "%2E%2E%2Fusers%3Fx%3D1%23%E5%8D%8E");
    }

    #[test]
    fn what_is_missing_is_told() {
        let parts = Parts {
            contacts: Part::Withheld,
            positions: Part::Found(json!({ "items": [{ "title": "CEO" }] })),
            score: Part::Missing,
            interactions: Part::Unavailable("interactions"),
            complaints: Part::Found(json!({ "items": [] })),
        };
        let view = serde_json::to_value(parts.view(json!({ "code": "C-1" }))).unwrap();
        assert_eq!(
            view,
            json!({
                "customer": { "code": "C-1" },
                "positions": [{ "title": "CEO" }],
                "score": null,
                "complaints": [],
                "unavailable": ["interactions"],
                "withheld": ["contacts"],
            })
        );
    }
}
