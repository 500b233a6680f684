#![doc = include_str!("../README.md")]

mod bulk;
mod causes;
#[cfg(feature = "client")]
pub mod client;
mod complaint;
mod corrective_actions;
mod imports;
mod queries;
mod signals;
mod transitions;
pub mod v1;
mod words;

pub use bulk::{BulkComplaintOutcome, BulkComplaints, BulkComplaintsQuery, BulkComplaintsResult};
pub use causes::{
    Cause, CauseCategory, CausePareto, CausePatch, CauseState, NewCause, ParetoBy, ParetoQuery, ParetoRow,
};
pub use complaint::{Complaint, ComplaintPatch, ComplaintSummary, Count, Due, NewComplaint, Progress};
pub use corrective_actions::{
    ActionKind, ActionState, ClosureRules, ClosureRulesInForce, CorrectiveAction, CorrectiveActionPatch,
    CorrectiveActionQuery, NewCancellation, NewCompletion, NewCorrectiveAction, NewEffectivenessCheck,
};
pub use imports::{ComplaintImport, ImportColumn, ImportRow, RowFault};
pub use queries::{ComplaintImportRowQuery, ComplaintQuery, StartComplaintImport, SummaryQuery};
pub use signals::{
    Detector, DetectorReport, DetectorRule, Evidence, FactKind, NewSignalComplaint, NewVerdict, Signal, SignalQuery,
    Verdict,
};
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
    /// Identifies a signal.
    SignalId
);
wire::id!(
    /// Identifies a cause of a complaint.
    CauseId
);
wire::id!(
    /// Identifies an action against a cause.
    CorrectiveActionId
);
