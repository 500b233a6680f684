//! A typed client, for the gateway's address or the service's own.

pub use wire::client::{ClientError, Part};

use wire::client::{Api, Result, reqwest};
use wire::{Page, Reference};

use crate::{
    BulkCustomers, BulkMode, BulkResult, Contact, ContactId, ContactPatch, ContactQuery, Customer, CustomerId,
    CustomerPatch, CustomerQuery, CustomerUpsert, Holding, Import, ImportId, NewContact, NewCustomer, NewHolding,
    NewPosition, Position, StartImport,
};

/// Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Client(Api);

impl Client {
    /// `http` carries what identifies the caller (`Authorization` or `X-Api-Key`) as default headers.
    pub fn new(http: reqwest::Client, address: &str) -> Self {
        Self(Api::new(http, "registry", address))
    }

    pub async fn create_customer(&self, new: &NewCustomer) -> Result<Customer> {
        self.0.post("customers", new).answer().await
    }

    pub async fn get_customer(&self, id: &Reference<CustomerId>) -> Result<Customer> {
        self.0.get(&format!("customers/{id}")).answer().await
    }

    pub async fn list_customers(&self, query: &CustomerQuery, part: &Part) -> Result<Page<Customer>> {
        self.0.get("customers").query(query).query(part).answer().await
    }

    /// Changes the customer if it still has `version`.
    pub async fn update_customer(&self, id: CustomerId, version: i64, patch: &CustomerPatch) -> Result<Customer> {
        self.0.patch(&format!("customers/{id}"), version, patch).answer().await
    }

    /// `system` and `id` go into the path; they must need no escaping there.
    pub async fn upsert_external_customer(&self, system: &str, id: &str, body: &CustomerUpsert) -> Result<Customer> {
        self.0.put(&format!("customers/external/{system}/{id}"), body).answer().await
    }

    pub async fn bulk_create_customers(&self, mode: BulkMode, customers: &BulkCustomers) -> Result<BulkResult> {
        self.0.post("customers/bulk", customers).query(&[("mode", mode)]).answer().await
    }

    pub async fn create_contact(&self, new: &NewContact) -> Result<Contact> {
        self.0.post("contacts", new).answer().await
    }

    pub async fn list_contacts(&self, query: &ContactQuery, part: &Part) -> Result<Page<Contact>> {
        self.0.get("contacts").query(query).query(part).answer().await
    }

    /// Changes the contact if it still has `version`.
    pub async fn update_contact(&self, id: ContactId, version: i64, patch: &ContactPatch) -> Result<Contact> {
        self.0.patch(&format!("contacts/{id}"), version, patch).answer().await
    }

    pub async fn create_position(&self, customer: CustomerId, new: &NewPosition) -> Result<Position> {
        self.0.post(&format!("customers/{customer}/positions"), new).answer().await
    }

    pub async fn list_positions(&self, customer: CustomerId, part: &Part) -> Result<Page<Position>> {
        self.0.get(&format!("customers/{customer}/positions")).query(part).answer().await
    }

    pub async fn create_holding(&self, contact: ContactId, new: &NewHolding) -> Result<Holding> {
        self.0.post(&format!("contacts/{contact}/holdings"), new).answer().await
    }

    pub async fn list_holdings(&self, contact: ContactId, part: &Part) -> Result<Page<Holding>> {
        self.0.get(&format!("contacts/{contact}/holdings")).query(part).answer().await
    }

    /// Sends a CSV file; the answer comes when its last row is dealt with, unless `how` does not wait.
    pub async fn import_customers(&self, how: &StartImport, csv: impl Into<reqwest::Body>) -> Result<Import> {
        self.0.post_csv("imports", csv).query(how).answer().await
    }

    pub async fn get_import(&self, id: ImportId) -> Result<Import> {
        self.0.get(&format!("imports/{id}")).answer().await
    }
}
