use chassis::csv::HeaderUnreadable;
use chassis::http::Stale;
use problem::FieldError;

use crate::domain::{Faults, MOST_MEMBERS};
use crate::domain::{DecisionRefused, Faults, ReviewRefused};

pub type Result<T> = std::result::Result<T, Error>;

/// Why the registry did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no customer {0}")]
    CustomerNotFound(String),
    #[error("there is no contact {0}")]
    ContactNotFound(String),
    #[error("there is no position {0}")]
    PositionNotFound(String),
    #[error("there is no holding {0}")]
    HoldingNotFound(String),
    #[error("there is no pair {0} of customers that may be one")]
    DuplicateNotFound(String),
    #[error("there is no import {0}")]
    ImportNotFound(String),
    #[error("there is no link {0}")]
    CustomerLinkNotFound(String),
    #[error("there are more than {MOST_MEMBERS} customers below this one; ask for one further down")]
    HierarchyTooLarge,
    #[error("the section has no version {0}")]
    ProfileVersionNotFound(i64),
    #[error("the draft is not yet fit for a review; {} things are missing", .0.len())]
    ProfileIncomplete(Vec<FieldError>),
    #[error(transparent)]
    ReviewRefused(#[from] ReviewRefused),
    #[error("there is no qualification {0}")]
    QualificationNotFound(String),
    #[error("there is no qualification policy {0}")]
    QualificationPolicyNotFound(String),
    #[error(transparent)]
    DecisionRefused(#[from] DecisionRefused),
    #[error("there is no vendor {0}")]
    VendorNotFound(String),
    #[error("{} of the values sent cannot be taken", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("an external id belongs to another customer; change that customer, or leave the id out")]
    ExternalIdTaken(Vec<FieldError>),
    #[error("an identifier belongs to another customer; change that customer, or leave the identifier out")]
    IdentifierTaken(Vec<FieldError>),
    #[error("{} of the query's values cannot be taken", .0.len())]
    QueryInvalid(Vec<FieldError>),
    #[error("send the file as text/csv")]
    CsvExpected,
    #[error(transparent)]
    HeaderUnreadable(#[from] HeaderUnreadable),
    #[error(transparent)]
    Stale(#[from] Stale),
    /// Another request changed the same thing meanwhile.
    #[error("someone else is changing this too; try again")]
    Contended,
    #[error(transparent)]
    Database(#[from] database::Error),
}

problem::codes! {
    Error {
        CustomerNotFound(..) => "customer-not-found", 404, "Customer not found", "未找到客户";
        ContactNotFound(..) => "contact-not-found", 404, "Contact not found", "未找到联系人";
        PositionNotFound(..) => "position-not-found", 404, "Position not found", "未找到岗位";
        HoldingNotFound(..) => "holding-not-found", 404, "Holding not found", "未找到任职记录";
        DuplicateNotFound(..) => "duplicate-not-found", 404, "Pair not found", "未找到疑似重复客户";
        ImportNotFound(..) => "import-not-found", 404, "Import not found", "未找到导入记录";
        CustomerLinkNotFound(..) => "customer-link-not-found", 404, "Customer link not found", "未找到隶属关系";
        HierarchyTooLarge => "hierarchy-too-large", 422, "Hierarchy too large", "层级结构过大";
        ProfileVersionNotFound(..) => "profile-version-not-found", 404, "Profile version not found", "未找到档案版本";
        ProfileIncomplete(..) => "profile-incomplete", 409, "Profile incomplete", "档案内容不完整";
        ReviewRefused(ReviewRefused::State(..)) => "profile-state-conflict", 409, "Not in this state", "当前状态不允许";
        ReviewRefused(ReviewRefused::OwnWork) => "review-own-work", 403, "Own work", "不能评审自己撰写的内容";
        ReviewRefused(ReviewRefused::NotAPerson) => "person-required", 403, "Person required", "须由本人操作";
        ReviewRefused(ReviewRefused::Twice) => "reviewed-already", 409, "Reviewed already", "已评审过";
        ReviewRefused(ReviewRefused::Outdated) => "review-outdated", 409, "Review outdated", "评审的版本已更新";
        QualificationNotFound(..) => "qualification-not-found", 404, "Qualification not found", "未找到筛选记录";
        QualificationPolicyNotFound(..) => "qualification-policy-not-found", 404, "Policy not found", "未找到筛选标准";
        DecisionRefused(DecisionRefused::NotAPerson) => "person-required", 403, "Person required", "须由本人操作";
        DecisionRefused(DecisionRefused::Decided) => "qualification-decided", 409, "Decided already", "已作出决定";
        DecisionRefused(DecisionRefused::KnockedOut(..)) => "qualification-knocked-out", 409, "Knocked out", "存在否决项";
        VendorNotFound(..) => "vendor-not-found", 404, "Vendor not found", "未找到供应商";
        Invalid(..) => "fields-invalid", 422, "Fields invalid", "字段有误";
        ExternalIdTaken(..) => "external-id-taken", 409, "External id taken", "外部编号已被占用";
        IdentifierTaken(..) => "identifier-taken", 409, "Identifier taken", "证件号码已被占用";
        QueryInvalid(..) => "query-invalid", 400, "Query invalid", "查询参数有误";
        CsvExpected => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        HeaderUnreadable(..) => "header-unreadable", 422, "Header unreadable", "无法读取表头";
        Stale(..) => "version-stale", 412, "Version stale", "版本已过期";
        Contended => "contended", 409, "Changed by others", "正被他人修改";
        Database(database::Error::Unavailable(..)) => problem::UNAVAILABLE;
        Database(..) => problem::INTERNAL;
    }

    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(errors)
            | Self::ExternalIdTaken(errors)
            | Self::IdentifierTaken(errors)
            | Self::QueryInvalid(errors) => errors.clone(),
            | Self::QueryInvalid(errors)
            | Self::ProfileIncomplete(errors) => errors.clone(),
            _ => vec![],
        }
    }

    fn retry_after(&self) -> Option<u32> {
        matches!(self, Self::Contended | Self::Database(database::Error::Unavailable(_))).then_some(1)
    }
}

impl Error {
    /// Whether doing it all again may end otherwise, since only another transaction was in the way.
    pub fn is_race(&self) -> bool {
        matches!(self, Self::Contended | Self::Database(database::Error::Unique { .. } | database::Error::Conflict(_)))
    }

    /// Whether what was asked belongs to another customer.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::ExternalIdTaken(_) | Self::IdentifierTaken(_))
    }

    /// Itself, or that others were in the way where only that is so: to be told to who does not try again.
    pub fn settled(self) -> Self {
        if self.is_race() { Self::Contended } else { self }
    }

    /// Whether it is the caller's, said before anything was written, so that the transaction may go on.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Database(_) | Self::Contended)
    }
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::Invalid(faults.into_vec())
    }
}
