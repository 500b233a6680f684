//! The services behind the gateway, and what each of them serves.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use actix_web::http::header::EntityTag;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures::future::join_all;
use reqwest::Client;
use ring::digest;
use serde_json::Value;

use crate::{
    document,
    routing::{Owner, Table},
};

/// How long to wait before asking again a service that has not told its paths yet.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_FIRST_WAIT: Duration = Duration::from_secs(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A service as the gateway knows it.
#[derive(Clone, Debug)]
pub struct Service {
    /// Also the audience of its tokens.
    pub name: &'static str,
    /// Without a slash at the end.
    pub url: String,
    /// Its document when the gateway was built: what it serves as long as it has not told itself.
    pub contract: &'static str,
}

/// All that is served, at one moment.
pub struct Catalogue {
    pub table: Table,
    /// The merged document.
    pub document: Bytes,
    pub etag: EntityTag,
}

pub struct Services {
    pub all: Vec<Service>,
    own: Value,
    documents: Mutex<Vec<Value>>,
    catalogue: RwLock<Arc<Catalogue>>,
}

impl Services {
    /// Knows the services by their contracts at first. `own` is the gateway's own document.
    pub fn new(all: Vec<Service>, own: Value) -> Result<Self, serde_json::Error> {
        let documents =
            all.iter().map(|service| serde_json::from_str(service.contract)).collect::<Result<Vec<_>, _>>()?;
        let catalogue = RwLock::new(Arc::new(Catalogue::new(&own, &all, &documents)));
        Ok(Self { all, own, documents: Mutex::new(documents), catalogue })
    }

    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks every service for its document, again and again.
    pub async fn follow(&self, client: &Client, every: Duration) {
        join_all((0..self.all.len()).map(|index| self.follow_one(client, index, every))).await;
    }

    async fn follow_one(&self, client: &Client, index: usize, every: Duration) {
        let mut wait = FIRST_WAIT;
        loop {
            match self.refresh(client, index).await {
                Ok(()) => wait = every,
                Err(error) => {
                    tracing::debug!(service = self.all[index].name, error = %error.without_url(), "no document");
                    wait = (wait * 2).min(LONGEST_FIRST_WAIT);
                }
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes over the service's document as it is now.
    async fn refresh(&self, client: &Client, index: usize) -> Result<(), reqwest::Error> {
        let service = &self.all[index];
        let request = client.get(format!("{}/openapi.json", service.url)).timeout(ANSWER_WITHIN);
        let document: Value = request.send().await?.error_for_status()?.json().await?;
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        if documents[index] != document {
            documents[index] = document;
            let catalogue = Arc::new(Catalogue::new(&self.own, &self.all, &documents));
            *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
            tracing::info!(service = service.name, "serving its paths as they are now");
        }
        Ok(())
    }

    /// Which services are ready.
    pub async fn readiness(&self, client: &Client) -> BTreeMap<&'static str, bool> {
        let ask = |service: &Service| {
            let request = client.get(format!("{}/readyz", service.url)).timeout(ANSWER_WITHIN);
            let name = service.name;
            async move { (name, request.send().await.is_ok_and(|answer| answer.status().is_success())) }
        };
        join_all(self.all.iter().map(ask)).await.into_iter().collect()
    }
}

impl Catalogue {
    fn new(own: &Value, services: &[Service], documents: &[Value]) -> Self {
        let owned = (0..).map(Owner::Service).zip(documents);
        let table = Table::build(std::iter::once((Owner::Gateway, own)).chain(owned));
        let merged = document::merge(own, services.iter().map(|service| service.name).zip(documents));
        let document = Bytes::from(merged.to_string());
        let etag = etag_of(&document);
        Self { table, document, etag }
    }
}

/// A strong tag over the content.
pub fn etag_of(content: &[u8]) -> EntityTag {
    let hash = digest::digest(&digest::SHA256, content);
    EntityTag::new_strong(BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]))
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;

    use super::*;

    #[test]
    fn the_contracts_fit_together() {
        let service = |(name, contract)| Service { name, url: "http://localhost".to_owned(), contract };
        let own = serde_json::to_value(chassis::openapi(&crate::SERVICE)).unwrap();
        let services = Services::new(crate::SERVICES.map(service).to_vec(), own).unwrap();
        let catalogue = services.catalogue();
        let merged: Value = serde_json::from_slice(&catalogue.document).unwrap();
        every_reference_leads_somewhere(&merged, &merged);
        for (name, contract) in crate::SERVICES {
            let contract: Value = serde_json::from_str(contract).unwrap();
            for (path, item) in contract["paths"].as_object().into_iter().flatten() {
                for method in item.as_object().into_iter().flat_map(|item| item.keys()) {
                    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                    let resource = catalogue.table.find(path).unwrap_or_else(|| panic!("{path} is not routed"));
                    let owner = resource.operation(&method).map(|operation| operation.owner);
                    let served = matches!(owner, Some(Owner::Service(index)) if services.all[index].name == name);
                    assert!(served, "{method} {path} goes to {owner:?}, not to {name}");
                }
            }
        }
    }

    fn every_reference_leads_somewhere(document: &Value, part: &Value) {
        match part {
            Value::Object(object) => {
                if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                    let found = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                    assert!(found.is_some(), "{target} leads nowhere");
                }
                object.values().for_each(|part| every_reference_leads_somewhere(document, part));
            }
            Value::Array(parts) => parts.iter().for_each(|part| every_reference_leads_somewhere(document, part)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
