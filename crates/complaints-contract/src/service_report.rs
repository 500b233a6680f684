use chrono::{DateTime, NaiveDate, Utc};
use registry_contract::AnyOf;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::words;

use crate::Clock;

words! {
    /// How long a period of a report is.
    ReportPeriod {
        Month = "month",
        /// From Monday on.
        Week = "week",
        /// The whole span as one.
        Whole = "whole",
    }
}

words! {
    /// What a report tells apart.
    ReportGrouping {
        Product = "product",
        /// Of the customer, as it is now.
        Tier = "tier",
        Handler = "handler",
        /// The code of the team that the handler is in, as it is now.
        Team = "team",
        Severity = "severity",
        Channel = "channel",
        Issue = "issue",
        /// The customer's code; where nobody knows it, how the source names it.
        Company = "company",
    }
}

words! {
    /// How a report is written.
    ReportFormat {
        Json = "json",
        /// One line a row, times in UTC. Texts that a spreadsheet would run as formulas begin with an apostrophe.
        Csv = "csv",
    }
}

words! {
    /// Which of its tables a report has as CSV.
    ReportPart {
        /// What is told of each period and group.
        Service = "service",
        /// Complaints about our own people (职员抱怨监控).
        Staff = "staff",
    }
}

/// What a service report is about.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ServiceReportQuery {
    /// The first day, from 1970-01-01 on.
    pub from: NaiveDate,
    /// The day after the last one, up to 2200-01-01. At most 120 periods.
    pub to: NaiveDate,
    /// What is told apart, comma-separated, in at most 10,000 rows; everything together when absent.
    #[param(value_type = Option<Vec<ReportGrouping>>, explode = false, max_items = 3)]
    pub by: Option<AnyOf<ReportGrouping>>,
    /// `month` when absent.
    #[param(inline)]
    pub period: Option<ReportPeriod>,
    /// The IANA zone whose midnights days begin at; `Asia/Shanghai` when absent.
    #[param(max_length = 64)]
    pub time_zone: Option<String>,
    /// `json` when absent. As CSV the columns are always the same, named like the fields: durations are in seconds,
    /// rates from 0 to 1, and cells without a value empty.
    #[param(inline)]
    pub format: Option<ReportFormat>,
    /// As CSV: `service` when absent; `staff` is for callers with `complaints:restricted`. JSON has both.
    #[param(inline)]
    pub part: Option<ReportPart>,
}

/// How complaints were served (服务标准), period by period.
///
/// Quantiles interpolate between the two nearest values (type 7 of Hyndman and Fan, 1996).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceReport {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Nothing later is counted.
    pub as_of: DateTime<Utc>,
    pub period: ReportPeriod,
    /// The first of `groupings`; null when everything is reported together.
    pub by: Option<ReportGrouping>,
    /// What is told apart.
    pub groupings: Vec<ReportGrouping>,
    /// By period, then groups; groups of which there is nothing to tell in a period are left out.
    pub rows: Vec<ServiceReportRow>,
    /// Complaints about our own people, other than about the caller; null for who may not see them.
    pub staff: Option<Vec<StaffComplaints>>,
}

/// How many complaints there are about our own people (职员抱怨监控); periods without any are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffComplaints {
    pub period_from: DateTime<Utc>,
    pub period_to: DateTime<Utc>,
    /// In the period.
    pub received: i64,
    /// In the period.
    pub resolved: i64,
    /// At its end, or now if that is earlier.
    pub open: i64,
}

/// A group in a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceReportRow {
    pub period_from: DateTime<Utc>,
    pub period_to: DateTime<Utc>,
    /// The first of `groups`; null when everything is reported together.
    pub group: Option<String>,
    /// One of each of the report's `groupings`, in their order; an empty text for complaints that have no such thing.
    pub groups: Vec<String>,
    /// Complaints received in the period.
    pub received: i64,
    /// Settlements in the period; a complaint that was reopened may have several.
    pub resolved: i64,
    /// Reopenings in the period.
    pub reopened: i64,
    /// Of the complaints received in the period, the share that is settled by now; from 0 to 1.
    pub resolution_rate: Option<f64>,
    /// From receipt to the first answer, of first answers in the period.
    pub response: ReportDurations,
    /// From receipt, or reopening, to settlement, of settlements in the period.
    pub resolution: ReportDurations,
    /// Promises that were kept or missed in the period, clock by clock.
    pub in_time: Vec<ReportInTime>,
    /// Open complaints at the end of the period, or now if that is earlier.
    pub backlog: ReportBacklog,
    /// How customers rated in the period what was done for them.
    pub rating: ReportRating,
    /// Against the period before; null where there was nothing.
    pub trend: Option<ReportTrend>,
}

/// How long something took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportDurations {
    pub count: i64,
    /// By the clock on the wall.
    pub elapsed: Option<ReportSpread>,
    /// As the promise counts: without waiting for the customer, and working time only where the clock has a calendar.
    pub working: Option<ReportSpread>,
}

/// Mean and quantiles, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportSpread {
    pub mean: f64,
    pub median: f64,
    /// Nine of ten took no longer.
    pub p90: f64,
}

/// Promises of one clock. A promise is kept when its clock stops in time, and missed when it falls due before. Where the
/// source judged a complaint, its judgement counts when the clock stops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportInTime {
    pub clock: Clock,
    pub kept: i64,
    pub missed: i64,
    /// Kept among both; from 0 to 1, null where there are none.
    pub rate: Option<f64>,
}

/// Open complaints by their age, counted from receipt or reopening.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportBacklog {
    pub total: i64,
    pub up_to_7_days: i64,
    pub up_to_30_days: i64,
    pub up_to_90_days: i64,
    pub older: i64,
}

/// Ratings, from 1, very poor, to 5, very good.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportRating {
    pub count: i64,
    /// 服务态度: mean mark.
    pub attitude: Option<f64>,
    /// 态度满意率: share that gave 4 or 5 for it; from 0 to 1.
    pub attitude_rate: Option<f64>,
    /// 处理结果: mean mark.
    pub result: Option<f64>,
    /// Share that gave 4 or 5 for it; from 0 to 1.
    pub result_rate: Option<f64>,
}

/// What a period is more than the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportTrend {
    pub received: i64,
    pub resolved: i64,
    pub backlog: i64,
    /// Of the elapsed time, in seconds.
    pub response_median: Option<f64>,
    /// Of the elapsed time, in seconds.
    pub resolution_median: Option<f64>,
    /// Of the rate of resolutions in time.
    pub resolution_in_time: Option<f64>,
    /// Of the share that gave 4 or 5 for attitude.
    pub attitude_rate: Option<f64>,
}
