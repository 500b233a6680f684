use chassis::csv::FileFault;
use chassis::http::Stale;
use chrono::NaiveDate;
use problem::FieldError;
use registry_contract::{CustomerId, ImportState, TierProposalId, TierProposalState, TransferId, TransferState};

use crate::domain::{DecisionRefused, Faults, MOST_MEMBERS, Objection, ReviewRefused, TransferObjection};

pub type Result<T> = std::result::Result<T, Error>;

/// Why the registry did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no customer {0}")]
    CustomerNotFound(String),
    #[error("there is no contact {0}")]
    ContactNotFound(String),
    #[error("all that was known of the contact is erased; nothing can be added or changed any more")]
    ContactErased,
    #[error("there is a legal hold on the contact; it cannot be erased before that ends or is lifted")]
    OnLegalHold,
    #[error("there is no legal hold on the contact {0}")]
    LegalHoldNotFound(String),
    #[error("there is no position {0}")]
    PositionNotFound(String),
    #[error("there is no holding {0}")]
    HoldingNotFound(String),
    #[error("there is no pair {0} of customers that may be one")]
    DuplicateNotFound(String),
    #[error("nothing is set of the position {0} in this chain")]
    ChainSeatNotFound(String),
    #[error("no influence of {0} on {1} is set in this chain")]
    InfluenceNotFound(String, String),
    #[error("there is no stance reading {0}")]
    StanceNotFound(String),
    #[error("there is no consent entry {0}")]
    ConsentNotFound(String),
    #[error("there is no import {0}")]
    ImportNotFound(String),
    #[error("there is no custom field {0}")]
    CustomFieldNotFound(String),
    #[error("the key belongs to another custom field; choose another one")]
    CustomFieldTaken(Vec<FieldError>),
    #[error("there is no link {0}")]
    CustomerLinkNotFound(String),
    #[error(
        "more than {MOST_MEMBERS} customers would be listed; ask for fewer levels by `depth`, whose sums are of all below, \
         or for one further down"
    )]
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
    #[error("there is no tier policy {0}")]
    TierPolicyNotFound(String),
    #[error("there is no tier proposal {0}")]
    TierProposalNotFound(String),
    #[error("the proposal {0} for this customer is not done yet; decide on it or withdraw it first")]
    TierProposalUndone(TierProposalId),
    #[error("the proposal is {0} already")]
    TierProposalDone(TierProposalState),
    #[error("you have proposed this tier yourself; others decide on it")]
    OwnTierProposal,
    #[error("you have decided otherwise on this proposal before; withdraw it, or leave the rest to others")]
    TierDecidedAlready,
    #[error("only a person who has logged in decides on tiers, not a key")]
    DeciderNoPerson,
    #[error("someone else has proposed this tier; he withdraws it, or whoever may decide on it")]
    OthersTierProposal,
    #[error("there is no employee {0}")]
    EmployeeNotFound(String),
    #[error("there is no team {0}")]
    TeamNotFound(String),
    #[error("there is no team member {0}")]
    TeamMemberNotFound(String),
    #[error("there is no transfer {0}")]
    TransferNotFound(String),
    #[error("the customer is being handed over by the transfer {0}; complete or cancel that first")]
    TransferUnderWay(TransferId),
    #[error("the transfer is {0} already")]
    TransferDone(TransferState),
    #[error("only the new owner does this, logged in by his code, or who manages transfers")]
    NotTheNewOwner,
    #[error("the transfer can be completed from {0} on")]
    TransferEarly(NaiveDate),
    #[error("{0} items of the checklist have no outcome yet")]
    TransferUnticked(usize),
    #[error("meanwhile somebody else owns the customer; cancel this transfer and start another")]
    TransferOutdated,
    #[error("there is no merge {0}")]
    MergeNotFound(String),
    #[error("the customer was merged; it is part of {0} now")]
    AlreadyMerged(CustomerId),
    #[error("the customer is not merged into any other")]
    NotMerged,
    #[error("a merge can be undone for 30 days")]
    UndoTooLate,
    #[error("the customer it was merged into has been merged itself; undo that first")]
    SurvivorMerged,
    #[error("{} things of today stand in the way of the undoing; change each that is named, and undo the merge then", .0.len())]
    UndoBlocked(Vec<FieldError>),
    #[error(
        "{} things that were made since refer from one of the two customers to what will be the other's; change them, or \
         undo the merge with `?cut=true`, which cuts them",
        .0.len()
    )]
    UndoCuts(Vec<FieldError>),
    #[error("there is no import profile {0}")]
    ImportProfileNotFound(String),
    #[error("{} of the values sent cannot be taken", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("an external id belongs to another customer; change that customer, or leave the id out")]
    ExternalIdTaken(Vec<FieldError>),
    #[error("an identifier belongs to another customer; change that customer, or leave the identifier out")]
    IdentifierTaken(Vec<FieldError>),
    #[error("{} of the query's values cannot be taken", .0.len())]
    QueryInvalid(Vec<FieldError>),
    #[error("send the file as text/vcard")]
    VCardExpected,
    #[error("there is no vCard in the file: one begins with the line BEGIN:VCARD")]
    VCardUnreadable,
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
        ContactErased => "contact-erased", 409, "Contact erased", "联系人信息已删除";
        OnLegalHold => "legal-hold", 409, "On legal hold", "依法保留中";
        LegalHoldNotFound(..) => "legal-hold-not-found", 404, "Legal hold not found", "未找到保留要求";
        PositionNotFound(..) => "position-not-found", 404, "Position not found", "未找到岗位";
        HoldingNotFound(..) => "holding-not-found", 404, "Holding not found", "未找到任职记录";
        DuplicateNotFound(..) => "duplicate-not-found", 404, "Pair not found", "未找到疑似重复客户";
        ChainSeatNotFound(..) => "chain-seat-not-found", 404, "Chain seat not found", "决策链中未设置该岗位";
        InfluenceNotFound(..) => "influence-not-found", 404, "Influence not found", "未找到影响关系";
        StanceNotFound(..) => "stance-not-found", 404, "Stance not found", "未找到立场记录";
        ConsentNotFound(..) => "consent-not-found", 404, "Consent entry not found", "未找到同意记录";
        ImportNotFound(..) => "import-not-found", 404, "Import not found", "未找到导入记录";
        CustomFieldNotFound(..) => "custom-field-not-found", 404, "Custom field not found", "未找到自定义字段";
        CustomFieldTaken(..) => "custom-field-taken", 409, "Custom field taken", "自定义字段标识已被占用";
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
        TierPolicyNotFound(..) => "tier-policy-not-found", 404, "Tier policy not found", "未找到分级方案";
        TierProposalNotFound(..) => "tier-proposal-not-found", 404, "Tier proposal not found", "未找到分级建议";
        TierProposalUndone(..) => "tier-proposal-undone", 409, "Another proposal is not done", "已有未完成的分级建议";
        TierProposalDone(..) => "tier-proposal-done", 409, "Tier proposal is done", "分级建议已结束";
        OwnTierProposal => "tier-proposal-own", 403, "Tier proposed by yourself", "不能审批自己的分级建议";
        TierDecidedAlready => "tier-decided-already", 409, "Decided already", "已作出决定";
        DeciderNoPerson => "decider-no-person", 403, "Only persons decide", "仅限本人审批";
        OthersTierProposal => "tier-proposal-others", 403, "Tier proposed by others", "他人的分级建议";
        EmployeeNotFound(..) => "employee-not-found", 404, "Employee not found", "未找到员工";
        TeamNotFound(..) => "team-not-found", 404, "Team not found", "未找到团队";
        TeamMemberNotFound(..) => "team-member-not-found", 404, "Team member not found", "未找到团队成员";
        TransferNotFound(..) => "transfer-not-found", 404, "Transfer not found", "未找到移交记录";
        TransferUnderWay(..) => "transfer-under-way", 409, "Being handed over already", "客户正在移交";
        TransferDone(..) => "transfer-done", 409, "Transfer is done", "移交已结束";
        NotTheNewOwner => "not-the-new-owner", 403, "Not the new owner", "非接收人";
        TransferEarly(..) => "transfer-early", 409, "Too early", "未到移交日期";
        TransferUnticked(..) => "transfer-unticked", 409, "Checklist not done", "移交清单未完成";
        TransferOutdated => "transfer-outdated", 409, "Transfer out of date", "移交已失效";
        MergeNotFound(..) => "merge-not-found", 404, "Merge not found", "未找到合并记录";
        AlreadyMerged(..) => "already-merged", 409, "Already merged", "客户已被合并";
        NotMerged => "not-merged", 409, "Not merged", "客户未被合并";
        UndoTooLate => "undo-too-late", 409, "Too late to undo", "已超过撤销期限";
        SurvivorMerged => "survivor-merged", 409, "Survivor merged", "保留的客户已被合并";
        UndoBlocked(..) => "undo-blocked", 409, "Undoing blocked", "无法撤销合并";
        UndoCuts(..) => "undo-cuts", 409, "Undoing would cut", "撤销合并将切断引用";
        ImportProfileNotFound(..) => "import-profile-not-found", 404, "Import profile not found", "未找到导入方案";
        Invalid(..) => "fields-invalid", 422, "Fields invalid", "字段有误";
        ExternalIdTaken(..) => "external-id-taken", 409, "External id taken", "外部编号已被占用";
        IdentifierTaken(..) => "identifier-taken", 409, "Identifier taken", "证件号码已被占用";
        QueryInvalid(..) => "query-invalid", 400, "Query invalid", "查询参数有误";
        VCardExpected => "media-type-unsupported", 415, "Media type unsupported", "不支持的媒体类型";
        VCardUnreadable => "vcard-unreadable", 422, "vCard unreadable", "无法读取名片";
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
        Contended => problem::CONTENDED;
        Database(database::Error::Unavailable(..)) => problem::UNAVAILABLE;
        Database(database::Error::Conflict(..)) => problem::CONTENDED;
        Database(..) => problem::INTERNAL;
    }

    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(errors)
            | Self::ExternalIdTaken(errors)
            | Self::IdentifierTaken(errors)
            | Self::QueryInvalid(errors)
            | Self::ProfileIncomplete(errors)
            | Self::UndoBlocked(errors)
            | Self::UndoCuts(errors)
            | Self::CustomFieldTaken(errors) => errors.clone(),
            _ => vec![],
        }
    }
}

impl Error {
    /// Whether doing it all again may end otherwise, since only another transaction was in the way.
    pub fn is_race(&self) -> bool {
        matches!(self, Self::Contended | Self::Database(database::Error::Unique { .. } | database::Error::Conflict(_)))
    }

    /// Whether what was asked for is somebody else's.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::ExternalIdTaken(_) | Self::IdentifierTaken(_) | Self::CustomFieldTaken(_))
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

impl From<Objection> for Error {
    fn from(objection: Objection) -> Self {
        match objection {
            Objection::Done(state) => Self::TierProposalDone(state),
            Objection::Own => Self::OwnTierProposal,
            Objection::Decided => Self::TierDecidedAlready,
            Objection::NoPerson => Self::DeciderNoPerson,
            Objection::Others => Self::OthersTierProposal,
        }
    }
}

impl From<TransferObjection> for Error {
    fn from(objection: TransferObjection) -> Self {
        match objection {
            TransferObjection::Done(state) => Self::TransferDone(state),
            TransferObjection::NotTheNewOwner => Self::NotTheNewOwner,
            TransferObjection::Early(day) => Self::TransferEarly(day),
            TransferObjection::Unticked(items) => Self::TransferUnticked(items),
            TransferObjection::Outdated => Self::TransferOutdated,
        }
    }
}
