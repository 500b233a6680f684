//! Why a complaint came about: a fishbone (Ishikawa 1968) whose ribs are dug into by asking why, five times (domain.md,
//! section 4, "Cause and cure").

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::{entity, words};

use crate::{CauseId, ComplaintId, ReportFormat, ReportPeriod};

words! {
    /// The rib of the fishbone (鱼骨图) that a cause belongs to.
    CauseCategory {
        /// 人员
        People = "people",
        /// 流程
        Process = "process",
        /// 产品
        Product = "product",
        /// 备件
        Parts = "parts",
        /// 环境
        Environment = "environment",
        /// 测量
        Measurement = "measurement",
    }
}

words! {
    /// What is held of a cause.
    CauseState {
        /// 疑似: it may be.
        Suspected = "suspected",
        /// 促成: it played a part.
        Contributing = "contributing",
        /// 根本原因: without it there would have been no complaint. On one line of whys there is one root at most.
        Root = "root",
        /// 排除: looked into, and it was not this.
        Dismissed = "dismissed",
    }
}

/// A cause, or the answer to the question why another one came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cause {
    pub id: CauseId,
    pub complaint_id: ComplaintId,
    /// The cause that this one explains; null for one that stands at the rib itself.
    pub parent_id: Option<CauseId>,
    /// How many whys it took: 1 at the rib.
    pub depth: i32,
    pub category: CauseCategory,
    /// A short name by which the same cause is counted over many complaints.
    pub label: Option<String>,
    pub text: String,
    pub state: CauseState,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Cause at "/api/v1/complaint-causes");

/// A cause to note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintCause)]
pub struct NewCause {
    /// The cause of the same complaint that this one explains. At most seven whys lead down from a rib.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<CauseId>,
    /// Needed at a rib; below one it is the parent's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CauseCategory>,
    /// A short name by which the same cause is counted over many complaints; without one its category counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub label: Option<String>,
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
    /// `suspected` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CauseState>,
}

/// A correction of a cause (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ComplaintCausePatch)]
pub struct CausePatch {
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub label: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<CauseState>,
}

words! {
    /// What root causes are counted by.
    ParetoBy {
        Category = "category",
        /// The cause's label within its category; root causes without one count under the category alone.
        Label = "label",
        /// The complaint's product.
        Product = "product",
    }
}

/// Which root causes to count.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ParetoQuery {
    /// `category` when absent.
    pub by: Option<ParetoBy>,
    /// Of complaints received at this instant or later.
    pub received_from: Option<DateTime<Utc>>,
    /// Of complaints received before this instant.
    pub received_until: Option<DateTime<Utc>>,
    /// `month` and `week` tell periods besides the whole span, which then needs both ends, from 1970 to 2200: at most 120
    /// periods and 10,000 rows of them. `whole` when absent.
    #[param(inline)]
    pub period: Option<ReportPeriod>,
    /// The IANA zone at whose midnights months and weeks begin; `Asia/Shanghai` when absent.
    #[param(max_length = 64)]
    pub time_zone: Option<String>,
    /// `json` when absent. As CSV there is a line for each row of each period, or of the whole span where that is all that
    /// is told.
    #[param(inline)]
    pub format: Option<ReportFormat>,
}

/// Root causes from the most frequent to the least (Pareto).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CausePareto {
    pub by: ParetoBy,
    pub period: ReportPeriod,
    /// Complaints that have a root cause. One that has several counts once in each of their rows.
    pub complaints: i64,
    /// Of the whole span.
    pub rows: Vec<ParetoRow>,
    /// The same of each period, in order, those without complaints included; empty for the period `whole`.
    pub periods: Vec<ParetoPeriod>,
}

/// Root causes of the complaints received in a period. Periods begin and end with the span, and between at midnights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CauseParetoPeriod)]
pub struct ParetoPeriod {
    pub period_from: DateTime<Utc>,
    pub period_to: DateTime<Utc>,
    pub complaints: i64,
    /// Causes that came up in the period before and no more in this one stand last.
    pub rows: Vec<ParetoRow>,
}

/// One cause and how often it came up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CauseParetoRow)]
pub struct ParetoRow {
    /// Place by complaints, from 1 on; rows that have as many share it.
    pub rank: i64,
    /// Null where the causes are counted by product.
    pub category: Option<CauseCategory>,
    /// The label, or the product; null where there is none.
    pub value: Option<String>,
    pub complaints: i64,
    /// Complaints beyond each customer's first with this cause in the whole span: what the periods have adds up.
    pub recurrences: i64,
    /// Complaints that are linked as the recurrence of an earlier one, whatever that one's cause, and were it received
    /// before the span. Of two that are linked the later one recurs, on whichever the link was set. Links to complaints
    /// that the caller may not see are not counted.
    pub linked_recurrences: i64,
    /// Share of all rows' complaints in hundredths of a per cent, 0 to 10000, rounded down.
    pub share_bp: i64,
    /// The same for this row and those before it; 10000 in the last, if there are any.
    pub cumulative_bp: i64,
    /// Complaints more than in the period before, for the first period than in a month or week before the span; null of
    /// the whole span.
    pub change: Option<i64>,
}
