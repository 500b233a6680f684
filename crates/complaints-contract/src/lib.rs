#![doc = include_str!("../README.md")]

mod attachments;
mod bulk;
mod calendars;
mod causes;
#[cfg(feature = "client")]
pub mod client;
mod clocks;
mod complaint;
mod corrective_actions;
pub mod desk;
mod escalation_events;
mod escalations;
mod imports;
mod links;
mod mail;
mod messages;
mod portal;
mod queries;
mod ratings;
mod service_report;
mod signals;
mod sla_policies;
mod transitions;
pub mod v1;
mod words;

pub use attachments::{ComplaintAttachment, ComplaintAttachments};
pub use bulk::{BulkComplaintOutcome, BulkComplaints, BulkComplaintsQuery, BulkComplaintsResult};
pub use calendars::{Calendar, ExceptionalDay, Holiday, Hours, NewCalendar, OpenCalendar, Weekday, WeeklyHours};
pub use causes::{
    Cause, CauseCategory, CausePareto, CausePatch, CauseState, NewCause, ParetoBy, ParetoPeriod, ParetoQuery, ParetoRow,
};
pub use clocks::{ClockPause, ClockReading, ClocksQuery, ComplaintClocks};
pub use complaint::{Complaint, ComplaintPatch, ComplaintSummary, Count, Due, NewComplaint, Progress};
pub use corrective_actions::{
    ActionKind, ActionState, ClosureRules, ClosureRulesInForce, CorrectiveAction, CorrectiveActionPatch,
    CorrectiveActionQuery, NewCancellation, NewCompletion, NewCorrectiveAction, NewEffectivenessCheck,
};
pub use escalations::{Escalation, EscalationQuery};
pub use imports::{ComplaintImport, ImportColumn, ImportRow, RowFault};
pub use links::{
    ComplaintLink, ComplaintLinks, NewComplaintLink, RelatedComplaint, RelatedComplaints, RelatedQuery, Relation,
    RelationReason,
};
pub use mail::{MailOutcome, MailReason, MailReceipt};
pub use messages::{
    ClaimedMessage, ClaimedMessages, ComplaintMessage, ComplaintMessageQuery, DeliveryOutcome, MessageState,
    MessageTemplate, MessageTemplates, NewDelivery, NewMessageClaim, NewMessageTemplate,
};
pub use portal::{
    Complainant, NewPortalAcceptance, NewPortalComplaint, NewPortalDispute, NewPortalMessage, NewPortalWithdrawal,
    PortalAttachment, PortalComplaint, PortalEntry, PortalNotice, PortalReceipt,
};
pub use queries::{ComplaintImportRowQuery, ComplaintQuery, StartComplaintImport, SummaryQuery};
pub use ratings::{ComplaintRating, ComplaintRatings, NewRating, RatingReceipt};
pub use service_report::{
    ReportBacklog, ReportDurations, ReportFormat, ReportGrouping, ReportInTime, ReportPart, ReportPeriod, ReportRating,
    ReportSpread, ReportTrend, ServiceReport, ServiceReportQuery, ServiceReportRow, StaffComplaints,
};
pub use signals::{
    Detector, DetectorInForce, DetectorReport, DetectorReportQuery, DetectorReportRow, DetectorRule, Detectors,
    Evidence, FactKind, NewSignalComplaint, NewVerdict, Signal, SignalQuery, SignalState, Verdict,
};
pub use sla_policies::{AtOnce, Clock, LadderStep, NewSlaPolicy, Role, SlaPolicy, SlaRow, SlaTarget};
pub use transitions::{
    ComplaintEntry, NewAcceptance, NewAcknowledgement, NewAssessment, NewClosure, NewContainment, NewCustomerMessage,
    NewEscalation, NewFollowUp, NewInvestigation, NewRejection, NewReopening, NewResolution, NewResponse,
    NewResumption, NewUpdate, NewWait, NewWithdrawal,
};
pub use words::{Channel, Confidential, Happening, ImportOutcome, ImportState, State, Transition};

/// The OpenAPI document of the service, as its own test last compared it with the running code.
pub const OPENAPI: &str = include_str!("../openapi.json");

wire::id!(
    /// Identifies a complaint.
    ComplaintId
);
wire::id!(
    /// Identifies a file that belongs to a complaint.
    ComplaintAttachmentId
);
wire::id!(
    /// Identifies a message to a customer.
    ComplaintMessageId
);
wire::id!(
    /// Identifies an import of complaints.
    ComplaintImportId
);
wire::id!(
    /// Identifies a cause of a complaint.
    CauseId
);
wire::id!(
    /// Identifies an action against a cause.
    CorrectiveActionId
);
wire::id!(
    /// Identifies a version of the promises to customers.
    SlaPolicyId
);
wire::id!(
    /// Identifies a calendar.
    CalendarId
);
wire::id!(
    /// Identifies a step of escalation that was taken.
    EscalationId
);
wire::id!(
    /// Identifies a signal.
    SignalId
);
