use chassis::csv::HeaderUnreadable;
use chassis::http::Stale;
use problem::FieldError;

use crate::domain::{Faults, MOST_MEMBERS};

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
    #[error("there is no import {0}")]
    ImportNotFound(String),
    #[error("there is no custom field {0}")]
    CustomFieldNotFound(String),
    #[error("the key belongs to another custom field; choose another one")]
    CustomFieldTaken(Vec<FieldError>),
    #[error("there is no link {0}")]
    CustomerLinkNotFound(String),
    #[error("there are more than {MOST_MEMBERS} customers below this one; ask for one further down")]
    HierarchyTooLarge,
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
        ImportNotFound(..) => "import-not-found", 404, "Import not found", "未找到导入记录";
        CustomFieldNotFound(..) => "custom-field-not-found", 404, "Custom field not found", "未找到自定义字段";
        CustomFieldTaken(..) => "custom-field-taken", 409, "Custom field taken", "自定义字段标识已被占用";
        CustomerLinkNotFound(..) => "customer-link-not-found", 404, "Customer link not found", "未找到隶属关系";
        HierarchyTooLarge => "hierarchy-too-large", 422, "Hierarchy too large", "层级结构过大";
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
            | Self::CustomFieldTaken(errors)
            | Self::QueryInvalid(errors) => errors.clone(),
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
