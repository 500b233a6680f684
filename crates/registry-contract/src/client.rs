//! A typed client, for the gateway's address or the service's own.

pub use wire::client::{ClientError, Part};

use wire::client::{Api, Result, reqwest};
use wire::{Page, Reference};

use crate::{
    BulkCustomers, BulkMode, BulkResult, ChainDay, ChainQuery, Classification, ConsentCheck, ConsentEntry,
    ConsentQuery, Contact, ContactId, ContactPatch, ContactQuery, CustomField, CustomFieldId, CustomFieldPatch,
    Customer, CustomerId, CustomerLink, CustomerLinkId, CustomerLinkPatch, CustomerPatch, CustomerQuery,
    CustomerUpsert, DecisionChain, Duplicate, DuplicateCandidates, DuplicateId, DuplicatePatch, DuplicateQuery,
    Hierarchy, HierarchyQuery, Holding, HoldingId, HoldingPatch, Import, ImportId, IndustryQuery, NewConsent,
    NewContact, NewCustomField, NewCustomer, NewCustomerLink, NewHolding, NewPosition, Position, PositionId,
    PositionPatch, RegionQuery, SearchHits, SearchQuery, StartImport, TimelineEntry, TimelineQuery,
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

    pub async fn create_custom_field(&self, new: &NewCustomField) -> Result<CustomField> {
        self.0.post("custom-fields", new).answer().await
    }

    pub async fn list_custom_fields(&self, part: &Part) -> Result<Page<CustomField>> {
        self.0.get("custom-fields").query(part).answer().await
    }

    pub async fn get_custom_field(&self, id: CustomFieldId) -> Result<CustomField> {
        self.0.get(&format!("custom-fields/{id}")).answer().await
    }

    /// Changes the field if it still has `version`.
    pub async fn update_custom_field(
        &self,
        id: CustomFieldId,
        version: i64,
        patch: &CustomFieldPatch,
    ) -> Result<CustomField> {
        self.0.patch(&format!("custom-fields/{id}"), version, patch).answer().await
    }

    pub async fn create_customer_link(&self, child: CustomerId, new: &NewCustomerLink) -> Result<CustomerLink> {
        self.0.post(&format!("customers/{child}/links"), new).answer().await
    }

    /// Whom the customer belonged to, belongs to and will belong to.
    pub async fn list_customer_links(&self, child: CustomerId, part: &Part) -> Result<Page<CustomerLink>> {
        self.0.get(&format!("customers/{child}/links")).query(part).answer().await
    }

    /// Changes the link if it still has `version`.
    pub async fn update_customer_link(
        &self,
        id: CustomerLinkId,
        version: i64,
        patch: &CustomerLinkPatch,
    ) -> Result<CustomerLink> {
        self.0.patch(&format!("customer-links/{id}"), version, patch).answer().await
    }

    pub async fn get_customer_hierarchy(
        &self,
        id: &Reference<CustomerId>,
        query: &HierarchyQuery,
    ) -> Result<Hierarchy> {
        self.0.get(&format!("customers/{id}/hierarchy")).query(query).answer().await
    }

    /// What happened to the customer, the latest first.
    pub async fn list_timeline(
        &self,
        customer: &Reference<CustomerId>,
        query: &TimelineQuery,
        part: &Part,
    ) -> Result<Page<TimelineEntry>> {
        self.0.get(&format!("customers/{customer}/timeline")).query(query).query(part).answer().await
    }

    pub async fn list_industries(&self, query: &IndustryQuery) -> Result<Page<Classification>> {
        self.0.get("classifications/industries").query(query).answer().await
    }

    pub async fn list_regions(&self, query: &RegionQuery) -> Result<Page<Classification>> {
        self.0.get("classifications/regions").query(query).answer().await
    }

    /// Customers and contacts for what was typed so far.
    pub async fn search(&self, query: &SearchQuery) -> Result<SearchHits> {
        self.0.get("search").query(query).answer().await
    }

    pub async fn list_duplicates(&self, query: &DuplicateQuery, part: &Part) -> Result<Page<Duplicate>> {
        self.0.get("duplicates").query(query).query(part).answer().await
    }

    /// Whom a customer about to be created may be already.
    pub async fn check_duplicates(&self, new: &NewCustomer) -> Result<DuplicateCandidates> {
        self.0.post("duplicates/check", new).answer().await
    }

    /// Dismisses the pair, or opens it again, if it still has `version`.
    pub async fn update_duplicate(&self, id: DuplicateId, version: i64, patch: &DuplicatePatch) -> Result<Duplicate> {
        self.0.patch(&format!("duplicates/{id}"), version, patch).answer().await
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

    /// Changes the position if it still has `version`.
    pub async fn update_position(&self, id: PositionId, version: i64, patch: &PositionPatch) -> Result<Position> {
        self.0.patch(&format!("positions/{id}"), version, patch).answer().await
    }

    pub async fn create_holding(&self, contact: ContactId, new: &NewHolding) -> Result<Holding> {
        self.0.post(&format!("contacts/{contact}/holdings"), new).answer().await
    }

    pub async fn list_holdings(&self, contact: ContactId, part: &Part) -> Result<Page<Holding>> {
        self.0.get(&format!("contacts/{contact}/holdings")).query(part).answer().await
    }

    /// Changes the holding if it still has `version`.
    pub async fn update_holding(&self, id: HoldingId, version: i64, patch: &HoldingPatch) -> Result<Holding> {
        self.0.patch(&format!("holdings/{id}"), version, patch).answer().await
    }

    pub async fn get_decision_chain(
        &self,
        customer: &Reference<CustomerId>,
        chain: ChainQuery,
        day: ChainDay,
    ) -> Result<DecisionChain> {
        self.0.get(&format!("customers/{customer}/decision-chain")).query(&chain).query(&day).answer().await
    }

    pub async fn create_consent(&self, contact: ContactId, new: &NewConsent) -> Result<ConsentEntry> {
        self.0.post(&format!("contacts/{contact}/consents"), new).answer().await
    }

    pub async fn check_consent(&self, contact: ContactId, query: ConsentQuery) -> Result<ConsentCheck> {
        self.0.get(&format!("contacts/{contact}/consents/check")).query(&query).answer().await
    }

    /// Sends a CSV file; the answer comes when its last row is dealt with, unless `how` does not wait.
    pub async fn import_customers(&self, how: &StartImport, csv: impl Into<reqwest::Body>) -> Result<Import> {
        self.0.post_csv("imports", csv).query(how).answer().await
    }

    pub async fn get_import(&self, id: ImportId) -> Result<Import> {
        self.0.get(&format!("imports/{id}")).answer().await
    }
}
