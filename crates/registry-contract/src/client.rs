//! A typed client, for the gateway's address or the service's own.

use reqwest::{Body, Method, RequestBuilder, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use wire::{Page, Reference};

use crate::{
    BulkCustomers, BulkMode, BulkResult, Contact, ContactId, ContactPatch, ContactQuery, Customer, CustomerId,
    CustomerPatch, CustomerQuery, CustomerUpsert, Holding, Import, ImportId, NewContact, NewCustomer, NewHolding,
    NewPosition, Position, StartImport,
};

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the registry could not be reached")]
    Transport(#[from] reqwest::Error),
    /// Anything but a 2xx, with the problem document as it came.
    #[error("the registry answered {status}: {}", .problem["title"].as_str().unwrap_or("no problem document"))]
    Refused { status: StatusCode, problem: serde_json::Value },
}

/// Which part of a list, and in what order.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Part {
    /// 1 to 200; 50 when left out.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Such as `-updated_at,name`.
    pub sort: Option<String>,
}

type Result<T> = std::result::Result<T, ClientError>;

/// Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    /// `http` carries what identifies the caller (`Authorization` or `X-Api-Key`) as default headers.
    pub fn new(http: reqwest::Client, base: &str) -> Self {
        Self { http, base: format!("{}/api/v1", base.trim_end_matches('/')) }
    }

    pub async fn create_customer(&self, new: &NewCustomer) -> Result<Customer> {
        answer(self.to(Method::POST, "customers").json(new)).await
    }

    pub async fn get_customer(&self, id: &Reference<CustomerId>) -> Result<Customer> {
        answer(self.to(Method::GET, &format!("customers/{id}"))).await
    }

    pub async fn list_customers(&self, query: &CustomerQuery, part: &Part) -> Result<Page<Customer>> {
        answer(self.to(Method::GET, "customers").query(query).query(part)).await
    }

    /// Changes the customer if it still has `version`.
    pub async fn update_customer(&self, id: CustomerId, version: i64, patch: &CustomerPatch) -> Result<Customer> {
        answer(self.change(&format!("customers/{id}"), version, patch)).await
    }

    /// `system` and `id` go into the path; they must need no escaping there.
    pub async fn upsert_external_customer(&self, system: &str, id: &str, body: &CustomerUpsert) -> Result<Customer> {
        answer(self.to(Method::PUT, &format!("customers/external/{system}/{id}")).json(body)).await
    }

    pub async fn bulk_create_customers(&self, mode: BulkMode, customers: &BulkCustomers) -> Result<BulkResult> {
        answer(self.to(Method::POST, "customers/bulk").query(&[("mode", mode)]).json(customers)).await
    }

    pub async fn create_contact(&self, new: &NewContact) -> Result<Contact> {
        answer(self.to(Method::POST, "contacts").json(new)).await
    }

    pub async fn list_contacts(&self, query: &ContactQuery, part: &Part) -> Result<Page<Contact>> {
        answer(self.to(Method::GET, "contacts").query(query).query(part)).await
    }

    /// Changes the contact if it still has `version`.
    pub async fn update_contact(&self, id: ContactId, version: i64, patch: &ContactPatch) -> Result<Contact> {
        answer(self.change(&format!("contacts/{id}"), version, patch)).await
    }

    pub async fn create_position(&self, customer: CustomerId, new: &NewPosition) -> Result<Position> {
        answer(self.to(Method::POST, &format!("customers/{customer}/positions")).json(new)).await
    }

    pub async fn list_positions(&self, customer: CustomerId, part: &Part) -> Result<Page<Position>> {
        answer(self.to(Method::GET, &format!("customers/{customer}/positions")).query(part)).await
    }

    pub async fn create_holding(&self, contact: ContactId, new: &NewHolding) -> Result<Holding> {
        answer(self.to(Method::POST, &format!("contacts/{contact}/holdings")).json(new)).await
    }

    pub async fn list_holdings(&self, contact: ContactId, part: &Part) -> Result<Page<Holding>> {
        answer(self.to(Method::GET, &format!("contacts/{contact}/holdings")).query(part)).await
    }

    /// Sends a CSV file; the answer comes when its last row is dealt with.
    pub async fn import_customers(&self, how: &StartImport, csv: impl Into<Body>) -> Result<Import> {
        answer(self.to(Method::POST, "imports").query(how).header(header::CONTENT_TYPE, "text/csv").body(csv)).await
    }

    pub async fn get_import(&self, id: ImportId) -> Result<Import> {
        answer(self.to(Method::GET, &format!("imports/{id}"))).await
    }

    fn to(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/{path}", self.base))
    }

    fn change(&self, path: &str, version: i64, patch: &impl Serialize) -> RequestBuilder {
        self.to(Method::PATCH, path).header(header::IF_MATCH, format!("\"{version}\"")).json(patch)
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let response = request.send().await?;
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await?);
    }
    let body = response.bytes().await?;
    Err(ClientError::Refused { status, problem: serde_json::from_slice(&body).unwrap_or_default() })
}
