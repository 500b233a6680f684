//! A typed client, for the gateway's address or the service's own.

use registry_contract::client::Part;
use reqwest::{Body, Method, RequestBuilder, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use wire::{ExternalId, Page, Reference};

use crate::{
    BulkComplaints, BulkComplaintsQuery, BulkComplaintsResult, Complaint, ComplaintEntry, ComplaintId, ComplaintImport,
    ComplaintImportId, ComplaintImportRowQuery, ComplaintPatch, ComplaintQuery, ComplaintSummary, ImportRow,
    NewAcknowledgement, NewAssessment, NewClosure, NewComplaint, NewReopening, NewResolution, NewResponse,
    NewWithdrawal, StartComplaintImport, SummaryQuery,
};

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the complaints service could not be reached")]
    Transport(#[from] reqwest::Error),
    /// Anything but a 2xx, with the problem document as it came.
    #[error("the complaints service answered {status}: {}", .problem["title"].as_str().unwrap_or("no problem document"))]
    Refused { status: StatusCode, problem: serde_json::Value },
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
        Self { http, base: format!("{}/api/v1/complaints", base.trim_end_matches('/')) }
    }

    pub async fn open_complaint(&self, new: &NewComplaint) -> Result<Complaint> {
        answer(self.to(Method::POST, "").json(new)).await
    }

    pub async fn get_complaint(&self, id: &Reference<ComplaintId>) -> Result<Complaint> {
        answer(self.to(Method::GET, &format!("/{id}"))).await
    }

    pub async fn list_complaints(&self, query: &ComplaintQuery, part: &Part) -> Result<Page<Complaint>> {
        answer(self.to(Method::GET, "").query(query).query(part)).await
    }

    pub async fn summarize_complaints(&self, query: &SummaryQuery) -> Result<ComplaintSummary> {
        answer(self.to(Method::GET, "/summary").query(query)).await
    }

    /// Corrects the complaint if it still has `version`.
    pub async fn amend_complaint(&self, id: ComplaintId, version: i64, patch: &ComplaintPatch) -> Result<Complaint> {
        let request = self.to(Method::PATCH, &format!("/{id}"));
        answer(request.header(header::IF_MATCH, format!("\"{version}\"")).json(patch)).await
    }

    /// Registers or brings up to date the complaint with this key; the key must need no escaping in a path.
    pub async fn upsert_external_complaint(&self, key: &ExternalId, body: &NewComplaint) -> Result<Complaint> {
        answer(self.to(Method::PUT, &format!("/external/{}/{}", key.system, key.id)).json(body)).await
    }

    pub async fn bulk_open_complaints(
        &self,
        how: &BulkComplaintsQuery,
        complaints: &BulkComplaints,
    ) -> Result<BulkComplaintsResult> {
        answer(self.to(Method::POST, "/bulk").query(how).json(complaints)).await
    }

    pub async fn acknowledge_complaint(&self, id: ComplaintId, body: &NewAcknowledgement) -> Result<Complaint> {
        self.move_on(id, "acknowledgement", body).await
    }

    pub async fn assess_complaint(&self, id: ComplaintId, body: &NewAssessment) -> Result<Complaint> {
        self.move_on(id, "assessment", body).await
    }

    pub async fn respond_to_complaint(&self, id: ComplaintId, body: &NewResponse) -> Result<Complaint> {
        self.move_on(id, "responses", body).await
    }

    pub async fn resolve_complaint(&self, id: ComplaintId, body: &NewResolution) -> Result<Complaint> {
        self.move_on(id, "resolution", body).await
    }

    pub async fn close_complaint(&self, id: ComplaintId, body: &NewClosure) -> Result<Complaint> {
        self.move_on(id, "closure", body).await
    }

    pub async fn reopen_complaint(&self, id: ComplaintId, body: &NewReopening) -> Result<Complaint> {
        self.move_on(id, "reopen", body).await
    }

    pub async fn withdraw_complaint(&self, id: ComplaintId, body: &NewWithdrawal) -> Result<Complaint> {
        self.move_on(id, "withdrawal", body).await
    }

    pub async fn list_complaint_history(&self, id: ComplaintId, part: &Part) -> Result<Page<ComplaintEntry>> {
        answer(self.to(Method::GET, &format!("/{id}/history")).query(part)).await
    }

    /// Sends a CSV file; the answer comes when its last row is dealt with.
    pub async fn import_complaints(&self, how: &StartComplaintImport, csv: impl Into<Body>) -> Result<ComplaintImport> {
        let request = self.to(Method::POST, "/imports").query(how);
        answer(request.header(header::CONTENT_TYPE, "text/csv").body(csv)).await
    }

    pub async fn get_complaint_import(&self, id: ComplaintImportId) -> Result<ComplaintImport> {
        answer(self.to(Method::GET, &format!("/imports/{id}"))).await
    }

    pub async fn list_complaint_import_rows(
        &self,
        id: ComplaintImportId,
        query: &ComplaintImportRowQuery,
        part: &Part,
    ) -> Result<Page<ImportRow>> {
        answer(self.to(Method::GET, &format!("/imports/{id}/rows")).query(query).query(part)).await
    }

    async fn move_on(&self, id: ComplaintId, how: &str, body: &impl Serialize) -> Result<Complaint> {
        answer(self.to(Method::POST, &format!("/{id}/{how}")).json(body)).await
    }

    fn to(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
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
