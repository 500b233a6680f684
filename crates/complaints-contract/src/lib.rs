#![doc = include_str!("../README.md")]

mod attachments;
mod bulk;
mod causes;
#[cfg(feature = "client")]
pub mod client;
mod complaint;
mod corrective_actions;
pub mod desk;
mod imports;
mod links;
mod mail;
mod messages;
mod portal;
mod queries;
mod transitions;
pub mod v1;
mod words;

pub use attachments::{ComplaintAttachment, ComplaintAttachments};
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
pub use links::{
    ComplaintLink, ComplaintLinks, NewComplaintLink, RelatedComplaint, RelatedComplaints, RelatedQuery, Relation,
    RelationReason,
};
pub use mail::{MailOutcome, MailReason, MailReceipt};
pub use messages::{ComplaintMessage, MessageState};
pub use portal::{
    Complainant, NewPortalAcceptance, NewPortalComplaint, NewPortalDispute, NewPortalMessage, NewPortalWithdrawal,
    PortalComplaint, PortalEntry, PortalReceipt,
};
pub use queries::{ComplaintImportRowQuery, ComplaintQuery, StartComplaintImport, SummaryQuery};
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
