use chassis::csv::HeaderUnreadable;
use complaints_contract::{ActionState, CauseId, ComplaintImportId, CorrectiveActionId};
use problem::FieldError;

use crate::domain::NotAllowed;

/// Why the service did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no complaint {0}")]
    ComplaintNotFound(String),
    #[error("there is no import {0}")]
    ImportNotFound(ComplaintImportId),
    #[error("there is no cause {0}")]
    CauseNotFound(CauseId),
    #[error("there is no corrective action {0}")]
    CorrectiveActionNotFound(CorrectiveActionId),
    #[error("an action that is {state} cannot be taken further by this: {step}")]
    ActionStepNotAllowed { state: ActionState, step: &'static str },
    #[error("the effect of an action is judged by someone else than who said that it was done")]
    OwnWork,
    #[error("the closure rules demand more before this complaint is closed")]
    ClosureLacks(Vec<FieldError>),
    #[error("fields of the complaint are wrong")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    TransitionNotAllowed(#[from] NotAllowed),
    #[error("no customer is known by this code; use its id, or wait until the registry's event has arrived")]
    CustomerUnknown,
    #[error("complaint {number} has this external id already; bring it up to date with PUT instead")]
    ExternalIdTaken { number: String },
    #[error("{refused} of {rows} rows are wrong, so none was taken; correct them, or use mode=per_row")]
    RowsInvalid { refused: usize, rows: usize, faults: Vec<FieldError> },
    #[error("the file cannot be read as complaints")]
    FileInvalid(Vec<FieldError>),
    #[error("send the file as `Content-Type: text/csv`")]
    FileTypeUnsupported,
    #[error(transparent)]
    Stale(#[from] chassis::http::Stale),
    #[error(transparent)]
    Database(#[from] database::Error),
}

problem::codes! {
    Error {
        ComplaintNotFound(..) => "complaint-not-found", 404, "Complaint not found", "投诉不存在";
        ImportNotFound(..) => "import-not-found", 404, "Import not found", "导入不存在";
        CauseNotFound(..) => "cause-not-found", 404, "Cause not found", "原因不存在";
        CorrectiveActionNotFound(..) => "corrective-action-not-found", 404, "Corrective action not found", "纠正措施不存在";
        ActionStepNotAllowed { .. } => "action-step-not-allowed", 409, "Step not allowed", "当前状态不允许该操作";
        OwnWork => "own-work", 409, "Own work", "不得评价本人完成的措施";
        ClosureLacks(..) => "closure-lacks", 409, "Closure lacks", "未满足关闭条件";
        Invalid(..) => "complaint-invalid", 422, "Complaint invalid", "投诉内容有误";
        TransitionNotAllowed(..) => "transition-not-allowed", 409, "Transition not allowed", "当前状态不允许该操作";
        CustomerUnknown => "customer-unknown", 422, "Customer unknown", "客户未知";
        ExternalIdTaken { .. } => "external-id-taken", 409, "External id taken", "外部编号已被使用";
        RowsInvalid { .. } => "rows-invalid", 422, "Rows invalid", "部分行有误";
        FileInvalid(..) => "file-invalid", 422, "File invalid", "文件有误";
        FileTypeUnsupported => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        Stale(..) => "version-stale", 412, "Version stale", "版本已过期";
        Database(database::Error::Unavailable(_)) => problem::UNAVAILABLE;
        Database(_) => problem::INTERNAL;
    }
    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(faults)
            | Self::RowsInvalid { faults, .. }
            | Self::FileInvalid(faults)
            | Self::ClosureLacks(faults) => faults.clone(),
            Self::CustomerUnknown => vec![customer_unknown()],
            Self::ComplaintNotFound(_)
            | Self::ImportNotFound(_)
            | Self::CauseNotFound(_)
            | Self::CorrectiveActionNotFound(_)
            | Self::ActionStepNotAllowed { .. }
            | Self::OwnWork
            | Self::TransitionNotAllowed(_)
            | Self::ExternalIdTaken { .. }
            | Self::FileTypeUnsupported
            | Self::Stale(_)
            | Self::Database(_) => vec![],
        }
    }
}

impl From<HeaderUnreadable> for Error {
    fn from(_: HeaderUnreadable) -> Self {
        let message = "must begin with a row of column names in UTF-8";
        Self::FileInvalid(vec![FieldError::new("", "header-unreadable", message)])
    }
}

/// The fault of a field that names a customer by a code nobody has.
pub fn customer_unknown() -> FieldError {
    FieldError::new("/customer_id", "customer-unknown", "no customer is known by this code")
}
