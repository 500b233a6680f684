//! A typed client, for the gateway's address or the service's own.

pub use wire::client::{ClientError, Part};

use serde::Serialize;
use wire::client::{Api, Result, reqwest};
use wire::{ExternalId, Page, Reference};

use crate::{
    BulkComplaints, BulkComplaintsQuery, BulkComplaintsResult, Calendar, CalendarId, ClocksQuery, Complaint,
    ComplaintClocks, ComplaintEntry, ComplaintId, ComplaintImport, ComplaintImportId, ComplaintImportRowQuery,
    ComplaintPatch, ComplaintQuery, ComplaintSummary, Escalation, EscalationQuery, ImportRow, NewAcceptance,
    NewAcknowledgement, NewAssessment, NewClosure, NewComplaint, NewContainment, NewCustomerMessage, NewEscalation,
    NewFollowUp, NewInvestigation, NewRejection, NewReopening, NewResolution, NewResponse, NewResumption, NewSlaPolicy,
    NewUpdate, NewWait, NewWithdrawal, OpenCalendar, ServiceReport, ServiceReportQuery, SlaPolicy,
    StartComplaintImport, SummaryQuery,
};

/// Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Client(Api);

impl Client {
    /// `http` carries what identifies the caller (`Authorization` or `X-Api-Key`) as default headers.
    pub fn new(http: reqwest::Client, address: &str) -> Self {
        Self(Api::new(http, "complaints", address))
    }

    pub async fn open_complaint(&self, new: &NewComplaint) -> Result<Complaint> {
        self.0.post("complaints", new).answer().await
    }

    pub async fn get_complaint(&self, id: &Reference<ComplaintId>) -> Result<Complaint> {
        self.0.get(&format!("complaints/{id}")).answer().await
    }

    pub async fn list_complaints(&self, query: &ComplaintQuery, part: &Part) -> Result<Page<Complaint>> {
        self.0.get("complaints").query(query).query(part).answer().await
    }

    pub async fn summarize_complaints(&self, query: &SummaryQuery) -> Result<ComplaintSummary> {
        self.0.get("complaints/summary").query(query).answer().await
    }

    /// Corrects the complaint if it still has `version`.
    pub async fn amend_complaint(&self, id: ComplaintId, version: i64, patch: &ComplaintPatch) -> Result<Complaint> {
        self.0.patch(&format!("complaints/{id}"), version, patch).answer().await
    }

    /// Registers or brings up to date the complaint with this key; the key must need no escaping in a path.
    pub async fn upsert_external_complaint(&self, key: &ExternalId, body: &NewComplaint) -> Result<Complaint> {
        self.0.put(&format!("complaints/external/{}/{}", key.system, key.id), body).answer().await
    }

    pub async fn bulk_open_complaints(
        &self,
        how: &BulkComplaintsQuery,
        complaints: &BulkComplaints,
    ) -> Result<BulkComplaintsResult> {
        self.0.post("complaints/bulk", complaints).query(how).answer().await
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

    pub async fn investigate_complaint(&self, id: ComplaintId, body: &NewInvestigation) -> Result<Complaint> {
        self.move_on(id, "investigation", body).await
    }

    pub async fn accept_complaint(&self, id: ComplaintId, body: &NewAcceptance) -> Result<Complaint> {
        self.move_on(id, "acceptance", body).await
    }

    pub async fn escalate_complaint(&self, id: ComplaintId, body: &NewEscalation) -> Result<Complaint> {
        self.move_on(id, "escalations", body).await
    }

    pub async fn wait_for_customer(&self, id: ComplaintId, body: &NewWait) -> Result<Complaint> {
        self.move_on(id, "wait", body).await
    }

    pub async fn resume_complaint(&self, id: ComplaintId, body: &NewResumption) -> Result<Complaint> {
        self.move_on(id, "resume", body).await
    }

    pub async fn contain_complaint(&self, id: ComplaintId, body: &NewContainment) -> Result<Complaint> {
        self.move_on(id, "containment", body).await
    }

    pub async fn inform_customer(&self, id: ComplaintId, body: &NewUpdate) -> Result<Complaint> {
        self.move_on(id, "updates", body).await
    }

    pub async fn hear_customer(&self, id: ComplaintId, body: &NewCustomerMessage) -> Result<Complaint> {
        self.move_on(id, "customer-messages", body).await
    }

    pub async fn follow_up_complaint(&self, id: ComplaintId, body: &NewFollowUp) -> Result<Complaint> {
        self.move_on(id, "follow-up", body).await
    }

    pub async fn reject_complaint(&self, id: ComplaintId, body: &NewRejection) -> Result<Complaint> {
        self.move_on(id, "rejection", body).await
    }

    pub async fn list_complaint_history(&self, id: ComplaintId, part: &Part) -> Result<Page<ComplaintEntry>> {
        self.0.get(&format!("complaints/{id}/history")).query(part).answer().await
    }

    /// How its clocks stand, or stood.
    pub async fn get_complaint_clocks(
        &self,
        id: &Reference<ComplaintId>,
        query: &ClocksQuery,
    ) -> Result<ComplaintClocks> {
        self.0.get(&format!("complaints/{id}/clocks")).query(query).answer().await
    }

    pub async fn list_complaint_escalations(&self, id: ComplaintId, part: &Part) -> Result<Page<Escalation>> {
        self.0.get(&format!("complaints/{id}/escalations")).query(part).answer().await
    }

    pub async fn list_escalations(&self, query: &EscalationQuery, part: &Part) -> Result<Page<Escalation>> {
        self.0.get("complaint-escalations").query(query).query(part).answer().await
    }

    pub async fn open_calendar(&self, new: &OpenCalendar) -> Result<Calendar> {
        self.0.post("calendars", new).answer().await
    }

    pub async fn list_calendars(&self, part: &Part) -> Result<Page<Calendar>> {
        self.0.get("calendars").query(part).answer().await
    }

    pub async fn get_calendar(&self, id: &Reference<CalendarId>) -> Result<Calendar> {
        self.0.get(&format!("calendars/{id}")).answer().await
    }

    pub async fn create_sla_policy(&self, new: &NewSlaPolicy) -> Result<SlaPolicy> {
        self.0.post("sla-policies", new).answer().await
    }

    pub async fn list_sla_policies(&self, part: &Part) -> Result<Page<SlaPolicy>> {
        self.0.get("sla-policies").query(part).answer().await
    }

    pub async fn get_current_sla_policy(&self) -> Result<SlaPolicy> {
        self.0.get("sla-policies/current").answer().await
    }

    /// As JSON, whatever format the query names.
    pub async fn get_service_report(&self, query: &ServiceReportQuery) -> Result<ServiceReport> {
        let query = ServiceReportQuery { format: None, ..query.clone() };
        self.0.get("service-report").query(&query).answer().await
    }

    /// Sends a CSV file; the answer comes when its last row is dealt with.
    pub async fn import_complaints(
        &self,
        how: &StartComplaintImport,
        csv: impl Into<reqwest::Body>,
    ) -> Result<ComplaintImport> {
        self.0.post_csv("complaints/imports", csv).query(how).answer().await
    }

    pub async fn get_complaint_import(&self, id: ComplaintImportId) -> Result<ComplaintImport> {
        self.0.get(&format!("complaints/imports/{id}")).answer().await
    }

    pub async fn list_complaint_import_rows(
        &self,
        id: ComplaintImportId,
        query: &ComplaintImportRowQuery,
        part: &Part,
    ) -> Result<Page<ImportRow>> {
        self.0.get(&format!("complaints/imports/{id}/rows")).query(query).query(part).answer().await
    }

    async fn move_on(&self, id: ComplaintId, how: &str, body: &impl Serialize) -> Result<Complaint> {
        self.0.post(&format!("complaints/{id}/{how}"), body).answer().await
    }
}
