use chassis::csv::FileFault;
use chassis::http::Stale;
use problem::FieldError;
use registry_contract::ImportState;

use crate::domain::Faults;

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
    #[error("there is no import profile {0}")]
    ImportProfileNotFound(String),
    #[error("{} of the values sent cannot be taken", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("an external id belongs to another customer; change that customer, or leave the id out")]
    ExternalIdTaken(Vec<FieldError>),
    #[error("{} of the query's values cannot be taken", .0.len())]
    QueryInvalid(Vec<FieldError>),
    #[error("send the file as text/csv or as an .xlsx workbook")]
    FileTypeUnsupported,
    #[error(transparent)]
    FileUnreadable(#[from] FileFault),
    #[error("the file was not received completely; send it again")]
    FileCut,
    #[error("the file has more than {limit} bytes; send it in parts")]
    FileTooLarge { limit: usize },
    #[error("the import is {state} and cannot be stopped any more")]
    ImportEnded { state: ImportState },
    #[error("a sheet of Excel holds 1,048,576 rows and this list is longer; narrow it, or export it as csv")]
    ExportTooLong,
    #[error("there is nothing to take back: the import is {state}, or was a rehearsal")]
    NothingToRevert { state: ImportState },
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
        ImportProfileNotFound(..) => "import-profile-not-found", 404, "Import profile not found", "未找到导入方案";
        Invalid(..) => "fields-invalid", 422, "Fields invalid", "字段有误";
        ExternalIdTaken(..) => "external-id-taken", 409, "External id taken", "外部编号已被占用";
        QueryInvalid(..) => "query-invalid", 400, "Query invalid", "查询参数有误";
        FileTypeUnsupported => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        FileUnreadable(FileFault::Io(..)) => problem::INTERNAL;
        FileUnreadable(FileFault::HeaderUnreadable) => "header-unreadable", 422, "Header unreadable", "无法读取表头";
        FileUnreadable(..) => "file-unreadable", 422, "File unreadable", "无法读取文件";
        FileCut => "file-cut", 400, "File cut off", "文件未完整接收";
        FileTooLarge { .. } => "file-too-large", 413, "File too large", "文件过大";
        ImportEnded { .. } => "import-ended", 409, "Import ended", "导入已结束";
        ExportTooLong => "export-too-long", 422, "Export too long", "导出内容过长";
        NothingToRevert { .. } => "nothing-to-revert", 409, "Nothing to take back", "没有可撤销的导入";
        Stale(..) => "version-stale", 412, "Version stale", "版本已过期";
        Contended => "contended", 409, "Changed by others", "正被他人修改";
        Database(database::Error::Unavailable(..)) => problem::UNAVAILABLE;
        Database(..) => problem::INTERNAL;
    }

    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(errors) | Self::ExternalIdTaken(errors) | Self::QueryInvalid(errors) => errors.clone(),
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
