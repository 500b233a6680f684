#![doc = include_str!("../README.md")]

mod bulk;
mod calendars;
mod causes;
#[cfg(feature = "client")]
pub mod client;
mod clocks;
mod complaint;
mod corrective_actions;
mod escalation_events;
mod escalations;
mod imports;
mod queries;
mod service_report;
mod sla_policies;
mod transitions;
pub mod v1;
mod words;

pub use bulk::{BulkComplaintOutcome, BulkComplaints, BulkComplaintsQuery, BulkComplaintsResult};
pub use calendars::{Calendar, ExceptionalDay, Holiday, Hours, NewCalendar, OpenCalendar, Weekday, WeeklyHours};
pub use causes::{
    Cause, CauseCategory, CausePareto, CausePatch, CauseState, NewCause, ParetoBy, ParetoQuery, ParetoRow,
};
pub use clocks::{ClockPause, ClockReading, ClocksQuery, ComplaintClocks};
pub use complaint::{Complaint, ComplaintPatch, ComplaintSummary, Count, Due, NewComplaint, Progress};
pub use corrective_actions::{
    ActionKind, ActionState, ClosureRules, ClosureRulesInForce, CorrectiveAction, CorrectiveActionPatch,
    CorrectiveActionQuery, NewCancellation, NewCompletion, NewCorrectiveAction, NewEffectivenessCheck,
};
pub use escalations::Escalation;
pub use imports::{ComplaintImport, ImportColumn, ImportRow, RowFault};
pub use queries::{ComplaintImportRowQuery, ComplaintQuery, StartComplaintImport, SummaryQuery};
pub use service_report::{
    ReportBacklog, ReportDurations, ReportFormat, ReportGrouping, ReportInTime, ReportPeriod, ReportSpread,
    ReportTrend, ServiceReport, ServiceReportQuery, ServiceReportRow,
};
pub use sla_policies::{AtOnce, Clock, LadderStep, NewSlaPolicy, Role, SlaPolicy, SlaRow, SlaTarget};
pub use transitions::{
    ComplaintEntry, NewAcknowledgement, NewAssessment, NewClosure, NewReopening, NewResolution, NewResponse,
    NewWithdrawal,
};
pub use words::{Channel, Happening, ImportOutcome, ImportState, State, Transition};

/// The OpenAPI document of the service, as its own test last compared it with the running code.
pub const OPENAPI: &str = include_str!("../openapi.json");

wire::id!(
    /// Identifies a complaint.
    ComplaintId
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
