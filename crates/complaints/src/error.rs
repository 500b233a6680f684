use chassis::csv::HeaderUnreadable;
use complaints_contract::{
    ActionState, CauseId, ComplaintAttachmentId, ComplaintImportId, ComplaintMessageId, CorrectiveActionId,
    MessageState, SignalId, SignalState, SlaPolicyId, Transition,
};
use problem::FieldError;

use crate::domain::attachment::ALLOWED;
use crate::domain::messages::NotExpected;
use crate::domain::{NotAllowed, Power, Refused};

/// Why the service did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no complaint {0}")]
    ComplaintNotFound(String),
    #[error("only who handles complaints makes public what is confidential")]
    StaysConfidential,
    #[error("complaints about our own people are told with the permission {} only", Power::Restricted.permission())]
    StaffHidden,
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
    #[error("there is no signal {0}")]
    SignalNotFound(SignalId),
    #[error("there is no detector {0:?}")]
    DetectorNotFound(String),
    #[error("a signal that is {0} takes no verdict any more")]
    SignalSettled(SignalState),
    #[error("only a signal that was found true becomes a complaint; judge it first")]
    SignalNotTrue,
    #[error("there is no calendar {0}")]
    CalendarNotFound(String),
    #[error("there is a calendar {code} already; change it with PUT instead")]
    CalendarTaken { code: String },
    #[error("there is no policy {0}")]
    SlaPolicyNotFound(SlaPolicyId),
    #[error("the rules cannot be taken so")]
    RulesInvalid(Vec<FieldError>),
    #[error("fields of the complaint are wrong")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    TransitionNotAllowed(#[from] NotAllowed),
    #[error("moving this complaint on by {transition} needs the permission {}", .needs.permission())]
    TransitionForbidden { transition: Transition, needs: Power },
    #[error("no customer is known by this code; use its id, or wait until the registry's event has arrived")]
    CustomerUnknown,
    #[error(
        "complaint {} has this external id already; bring it up to date with PUT instead",
        .number.as_deref().unwrap_or("of others")
    )]
    ExternalIdTaken { number: Option<String> },
    #[error("no complaint has this number and secret")]
    PortalUnknown,
    #[error("the mail has no header that can be read")]
    MailUnreadable,
    #[error("send the mail as it is, as `Content-Type: message/rfc822`")]
    MailTypeUnsupported,
    #[error("a mail may have at most {limit} bytes")]
    MailTooLarge { limit: usize },
    #[error("the mail was not received completely")]
    MailBroken,
    #[error("no files are taken here: attachments_url is not set")]
    AttachmentsOff,
    #[error("there is no file {0}")]
    AttachmentNotFound(ComplaintAttachmentId),
    #[error("send the file as `Content-Type: application/octet-stream`")]
    AttachmentUntyped,
    #[error("files of this type are not taken; allowed: {}", ALLOWED.join(", "))]
    AttachmentType,
    #[error("the file is empty")]
    AttachmentEmpty,
    #[error("a file may have at most {largest} bytes")]
    AttachmentTooLarge { largest: u64 },
    #[error("the file was not received completely")]
    AttachmentBroken,
    #[error("a complaint may have at most {most} files")]
    AttachmentsFull { most: usize },
    #[error("the store of files: {0}")]
    Store(#[from] filestore::Error),
    #[error("a complaint has nothing to do with itself")]
    LinkToItself,
    #[error("nothing is told at this step")]
    TemplateNotFound,
    #[error("there is no message {0}")]
    MessageNotFound(ComplaintMessageId),
    #[error(transparent)]
    DeliveryNotExpected(#[from] NotExpected),
    #[error("a message that is {0} has not failed")]
    MessageNotFailed(MessageState),
    #[error("whoever complained was erased, and is told nothing any more")]
    ComplainantErased,
    #[error("this link leads to nothing that can be rated; a message sent again has a new link")]
    RatingUnknown,
    #[error("this was rated already")]
    RatingGiven,
    #[error("this could be rated for 30 days")]
    RatingExpired,
    #[error("no random numbers can be had")]
    NoRandom,
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
        StaysConfidential => "stays-confidential", 403, "Stays confidential", "保密内容不可公开";
        StaffHidden => "staff-hidden", 403, "Staff complaints hidden", "无权查看职员抱怨";
        ImportNotFound(..) => "import-not-found", 404, "Import not found", "导入不存在";
        CauseNotFound(..) => "cause-not-found", 404, "Cause not found", "原因不存在";
        CorrectiveActionNotFound(..) => "corrective-action-not-found", 404, "Corrective action not found", "纠正措施不存在";
        ActionStepNotAllowed { .. } => "action-step-not-allowed", 409, "Step not allowed", "当前状态不允许该操作";
        OwnWork => "own-work", 409, "Own work", "不得评价本人完成的措施";
        ClosureLacks(..) => "closure-lacks", 409, "Closure lacks", "未满足关闭条件";
        SignalNotFound(..) => "signal-not-found", 404, "Signal not found", "信号不存在";
        DetectorNotFound(..) => "detector-not-found", 404, "Detector not found", "检测器不存在";
        SignalSettled(..) => "signal-settled", 409, "Signal settled", "信号已定论";
        SignalNotTrue => "signal-not-true", 409, "Signal not found true", "信号尚未核实";
        CalendarNotFound(..) => "calendar-not-found", 404, "Calendar not found", "工作日历不存在";
        CalendarTaken { .. } => "calendar-taken", 409, "Calendar code taken", "工作日历代码已被使用";
        SlaPolicyNotFound(..) => "sla-policy-not-found", 404, "Service policy not found", "服务时限策略不存在";
        RulesInvalid(..) => "rules-invalid", 422, "Rules invalid", "规则内容有误";
        Invalid(..) => "complaint-invalid", 422, "Complaint invalid", "投诉内容有误";
        TransitionNotAllowed(..) => "transition-not-allowed", 409, "Transition not allowed", "当前状态不允许该操作";
        TransitionForbidden { .. } => "transition-forbidden", 403, "Transition forbidden", "无权执行该操作";
        CustomerUnknown => "customer-unknown", 422, "Customer unknown", "客户未知";
        ExternalIdTaken { .. } => "external-id-taken", 409, "External id taken", "外部编号已被使用";
        PortalUnknown => "portal-complaint-not-found", 404, "Complaint not found", "投诉不存在";
        MailUnreadable => "mail-unreadable", 422, "Mail unreadable", "邮件无法读取";
        MailTypeUnsupported => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        MailTooLarge { .. } => "mail-too-large", 413, "Mail too large", "邮件过大";
        MailBroken => "mail-broken", 400, "Mail incomplete", "邮件不完整";
        AttachmentsOff => "attachments-off", 503, "No attachments", "附件功能未启用";
        AttachmentNotFound(..) => "attachment-not-found", 404, "Attachment not found", "附件不存在";
        AttachmentUntyped => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        AttachmentType => "attachment-type-not-allowed", 415, "Type of file not allowed", "不允许的文件类型";
        AttachmentEmpty => "attachment-empty", 422, "File empty", "文件为空";
        AttachmentTooLarge { .. } => "attachment-too-large", 413, "File too large", "文件过大";
        AttachmentBroken => "attachment-broken", 400, "File incomplete", "文件不完整";
        AttachmentsFull { .. } => "attachments-full", 409, "Too many files", "附件过多";
        Store(..) => "attachments-unavailable", 503, "Attachments unavailable", "附件存储暂不可用";
        LinkToItself => "link-to-itself", 422, "Link to itself", "不能关联自身";
        TemplateNotFound => "message-template-not-found", 404, "Template not found", "模板不存在";
        MessageNotFound(..) => "message-not-found", 404, "Message not found", "消息不存在";
        MessageNotFailed(..) => "message-not-failed", 409, "Message has not failed", "消息未发送失败";
        DeliveryNotExpected(..) => "delivery-not-expected", 409, "Delivery not expected", "当前状态不接受该投递结果";
        ComplainantErased => "complainant-erased", 409, "Complainant erased", "投诉人信息已删除";
        RatingUnknown => "rating-unknown", 404, "Nothing to rate", "评价链接无效";
        RatingGiven => "rating-given", 409, "Rated already", "已评价";
        RatingExpired => "rating-expired", 410, "Too late to rate", "评价链接已过期";
        NoRandom => problem::INTERNAL;
        RowsInvalid { .. } => "rows-invalid", 422, "Rows invalid", "部分行有误";
        FileInvalid(..) => "file-invalid", 422, "File invalid", "文件有误";
        FileTypeUnsupported => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        Stale(..) => "version-stale", 412, "Version stale", "版本已过期";
        Database(database::Error::Unavailable(_)) => problem::UNAVAILABLE;
        Database(database::Error::Conflict(_)) => problem::CONTENDED;
        Database(_) => problem::INTERNAL;
    }
    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(faults)
            | Self::RulesInvalid(faults)
            | Self::RowsInvalid { faults, .. }
            | Self::FileInvalid(faults)
            | Self::ClosureLacks(faults) => faults.clone(),
            Self::CustomerUnknown => vec![customer_unknown()],
            Self::ComplaintNotFound(_)
            | Self::StaysConfidential
            | Self::StaffHidden
            | Self::ImportNotFound(_)
            | Self::CauseNotFound(_)
            | Self::CorrectiveActionNotFound(_)
            | Self::ActionStepNotAllowed { .. }
            | Self::OwnWork
            | Self::SignalNotFound(_)
            | Self::DetectorNotFound(_)
            | Self::SignalSettled(_)
            | Self::SignalNotTrue
            | Self::CalendarNotFound(_)
            | Self::CalendarTaken { .. }
            | Self::SlaPolicyNotFound(_)
            | Self::TransitionNotAllowed(_)
            | Self::TransitionForbidden { .. }
            | Self::ExternalIdTaken { .. }
            | Self::FileTypeUnsupported
            | Self::PortalUnknown
            | Self::MailUnreadable
            | Self::MailTypeUnsupported
            | Self::MailTooLarge { .. }
            | Self::MailBroken
            | Self::AttachmentsOff
            | Self::AttachmentNotFound(_)
            | Self::AttachmentUntyped
            | Self::AttachmentType
            | Self::AttachmentEmpty
            | Self::AttachmentTooLarge { .. }
            | Self::AttachmentBroken
            | Self::AttachmentsFull { .. }
            | Self::Store(_)
            | Self::LinkToItself
            | Self::TemplateNotFound
            | Self::MessageNotFound(_)
            | Self::DeliveryNotExpected(_)
            | Self::MessageNotFailed(_)
            | Self::ComplainantErased
            | Self::RatingUnknown
            | Self::RatingGiven
            | Self::RatingExpired
            | Self::NoRandom
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

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotAllowed(refused) => Self::TransitionNotAllowed(refused),
            Refused::Forbidden { transition, needs } => Self::TransitionForbidden { transition, needs },
        }
    }
}

/// The fault of a field that names a customer by a code nobody has.
pub fn customer_unknown() -> FieldError {
    FieldError::new("/customer_id", "customer-unknown", "no customer is known by this code")
}
