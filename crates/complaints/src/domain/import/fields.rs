/// What a column of a file can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    ExternalId,
    /// Id or code.
    CustomerId,
    CustomerExternal,
    Channel,
    Subject,
    Description,
    Product,
    OrderNumber,
    Issue,
    RemedySought,
    Severity,
    Safety,
    Language,
    Handler,
    ReceivedAt,
    AcknowledgedAt,
    FirstRespondedAt,
    ResolvedAt,
    ClosedAt,
    State,
    Resolution,
    Timely,
    /// How the company answered, in the words of the Consumer Financial Protection Bureau: state and resolution in one.
    CompanyResponse,
}

/// Fields by name, with the headers that are read as them; headers are compared in small letters, `_` for spaces and
/// hyphens.
#[rustfmt::skip]
const FIELDS: &[(&str, Field, &[&str])] = &[
    ("external_id", Field::ExternalId, &["complaint_id", "ticket", "ticket_id", "case_id", "投诉编号", "工单号", "编号"]),
    ("customer_id", Field::CustomerId, &["customer_code", "客户编码", "客户编号"]),
    ("customer_external", Field::CustomerExternal, &["company", "customer", "account", "客户", "客户名称", "公司"]),
    ("channel", Field::Channel, &["submitted_via", "source", "来源", "渠道", "受理渠道"]),
    ("subject", Field::Subject, &["title", "summary", "标题", "主题"]),
    ("description", Field::Description, &["details", "consumer_complaint_narrative", "投诉内容", "描述", "内容"]),
    ("product", Field::Product, &["sub_product", "产品", "产品名称"]),
    ("order_number", Field::OrderNumber, &["order", "order_no", "purchase_order", "订单号", "订单编号"]),
    ("issue", Field::Issue, &["sub_issue", "category", "问题", "问题类型", "投诉类型"]),
    ("remedy_sought", Field::RemedySought, &["desired_resolution", "诉求", "客户诉求"]),
    ("severity", Field::Severity, &["priority", "严重程度", "级别"]),
    ("safety", Field::Safety, &["涉及安全"]),
    ("language", Field::Language, &["语言"]),
    ("handler", Field::Handler, &["assignee", "agent", "处理人", "负责人"]),
    ("received_at", Field::ReceivedAt, &["date_received", "received", "opened", "created", "created_at", "投诉时间", "投诉日期", "受理时间"]),
    ("acknowledged_at", Field::AcknowledgedAt, &["date_sent_to_company", "acknowledged", "确认时间"]),
    ("first_responded_at", Field::FirstRespondedAt, &["first_response", "first_response_at", "首次答复时间"]),
    ("resolved_at", Field::ResolvedAt, &["resolved", "解决时间"]),
    ("closed_at", Field::ClosedAt, &["closed", "关闭时间"]),
    ("state", Field::State, &["status", "状态"]),
    ("resolution", Field::Resolution, &["解决方案", "处理结果"]),
    ("timely", Field::Timely, &["timely_response?", "是否及时"]),
    ("company_response", Field::CompanyResponse, &["company_response_to_consumer"]),
];

/// Headers by which the files of the Consumer Financial Protection Bureau are known, whose `State` is one of the
/// United States.
const CFPB: &[&str] = &["complaint_id", "submitted_via", "date_sent_to_company", "timely_response?"];
pub const CFPB_SYSTEM: &str = "cfpb";

impl Field {
    pub fn named(name: &str) -> Option<Self> {
        FIELDS.iter().find(|(known, ..)| *known == name).map(|(_, field, _)| *field)
    }

    pub fn of_header(header: &str, is_cfpb: bool) -> Option<Self> {
        let header = plain(header);
        if is_cfpb && header == "state" {
            return None;
        }
        let known = FIELDS.iter().find(|(name, _, synonyms)| *name == header || synonyms.contains(&header.as_str()));
        known.map(|(_, field, _)| *field)
    }

    pub fn name(self) -> &'static str {
        FIELDS.iter().find(|(_, field, _)| *field == self).map_or("", |(name, ..)| name)
    }

    /// Whether several columns may fill it, one after the other.
    pub fn joins(self) -> bool {
        matches!(self, Self::Subject | Self::Description | Self::Product | Self::Issue | Self::RemedySought)
    }
}

pub fn is_cfpb(headers: &[String]) -> bool {
    CFPB.iter().all(|own| headers.iter().any(|header| plain(header) == *own))
}

fn plain(header: &str) -> String {
    header.trim().to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_reads_by_the_name_it_shows() {
        for (name, field, _) in FIELDS {
            assert_eq!(field.name(), *name);
            assert_eq!(Field::named(name), Some(*field));
            assert_eq!(Field::of_header(name, false), Some(*field));
        }
    }
}
