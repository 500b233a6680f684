use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Reference, entity, words};

use crate::{AnyOf, CustomerId, EmployeeId, OpenItemKind, TeamMemberId, Tier, TransferId};

words! {
    /// What one of our people does for a customer.
    TeamRole {
        /// Answers for the relationship (客户经理); one at any time.
        Owner = "owner",
        Account = "account",
        /// 解决方案
        Solution = "solution",
        /// 交付
        Delivery = "delivery",
        Service = "service",
        /// 高层赞助人
        ExecutiveSponsor = "executive_sponsor",
    }
}

/// Who works for a customer on a day, and who did before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccountTeam {
    pub customer_id: CustomerId,
    /// The day that is shown.
    pub on: NaiveDate,
    /// Null where nobody owned the customer on that day.
    pub owner: Option<OwnerPeriod>,
    /// Members on that day, the owner apart.
    pub members: Vec<TeamMember>,
    /// All owners there were, the latest first.
    pub owners: Vec<OwnerPeriod>,
    /// Members who are not on the team on that day, those who joined last first.
    pub others: Vec<TeamMember>,
}

/// From when until when someone owned a customer. Two on one day: the first has no day of his own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnerPeriod {
    /// The code of an employee; files may bring codes that no employee has. Null while nobody owned the customer.
    pub owner: Option<String>,
    pub from: NaiveDate,
    /// First day no longer; null while it lasts.
    pub until: Option<NaiveDate>,
    /// The transfer that ended it, if one did.
    pub transfer_id: Option<TransferId>,
}

/// That one of our people works for a customer, from a day until a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TeamMember {
    pub id: TeamMemberId,
    pub customer_id: CustomerId,
    pub employee_id: EmployeeId,
    pub role: TeamRole,
    pub from: NaiveDate,
    /// First day no longer; null while it lasts. The same as `from` of a membership that was withdrawn: it never held, and
    /// the team does not show it.
    pub until: Option<NaiveDate>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(TeamMember at "/api/v1/team-members");

/// Someone to put on a customer's team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeamMember {
    /// An employee, by id or code, who is with us on the first day.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub employee: Reference<EmployeeId>,
    /// Any but `owner`: a customer gets another owner by a transfer.
    pub role: TeamRole,
    /// Today, where the customer is, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// First day no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// Changes to the days of a membership (JSON Merge Patch, RFC 7396). Another employee or role is another membership.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamMemberPatch {
    /// First day, where it was given wrong. The employee must be with us then.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// First day no longer; the first day itself withdraws the membership.
    #[schema(value_type = Option<NaiveDate>)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub until: Option<Option<NaiveDate>>,
}

/// The day whose team to show.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountTeamQuery {
    /// Today, where the customer is, when left out.
    pub on: Option<NaiveDate>,
}

/// Which memberships to export.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TeamMemberQuery {
    /// Of any of these employees.
    #[param(value_type = Option<Vec<EmployeeId>>, explode = false)]
    pub employee_id: Option<AnyOf<EmployeeId>>,
    /// In any of these roles.
    #[param(value_type = Option<Vec<TeamRole>>, explode = false)]
    pub role: Option<AnyOf<TeamRole>>,
    /// In force on this day.
    pub on: Option<NaiveDate>,
}

/// A customer that an employee works for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmployeeCustomer {
    /// The customer's.
    pub id: CustomerId,
    pub code: String,
    pub name: String,
    pub tier: Tier,
    pub roles: Vec<TeamRole>,
}

words! {
    /// How far a transfer has come.
    TransferState {
        Open = "open",
        Completed = "completed",
        Cancelled = "cancelled",
    }
}

words! {
    /// What becomes of something owed to the customer.
    HandoverOutcome {
        /// The new owner sees to it.
        HandedOver = "handed_over",
        /// There is nothing left to do.
        Settled = "settled",
        /// The old owner, or whoever has it, goes on with it.
        Stays = "stays",
    }
}

/// That a customer goes from one owner to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Transfer {
    pub id: TransferId,
    pub customer_id: CustomerId,
    /// Null where nobody owned the customer.
    pub from_owner: Option<String>,
    /// An employee's code.
    pub to_owner: String,
    pub reason: String,
    /// The day, where the customer is, from which it can be completed.
    pub effective_on: NaiveDate,
    pub state: TransferState,
    /// What was owed to the customer when the transfer was started.
    pub checklist: Vec<TransferItem>,
    pub started_by: String,
    pub ended_by: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Transfer at "/api/v1/transfers");

/// Something owed to the customer, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferItem {
    pub kind: OpenItemKind,
    /// The complaint's, promise's or plan's.
    pub item_id: Uuid,
    /// What people call it by, such as a complaint's number.
    pub label: Option<String>,
    pub owner: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
    /// Null until the new owner has said.
    pub outcome: Option<HandoverOutcome>,
    pub note: Option<String>,
    pub ticked_by: Option<String>,
    pub ticked_at: Option<DateTime<Utc>>,
}

/// A transfer to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTransfer {
    /// The new owner: an employee, by code or id, who is with us on the day.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub to: Reference<EmployeeId>,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// Today, where the customer is, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<NaiveDate>,
}

/// What becomes of some of a transfer's items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoverTicks {
    #[schema(min_items = 1, max_items = 200)]
    pub ticks: Vec<HandoverTick>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoverTick {
    pub kind: OpenItemKind,
    pub item_id: Uuid,
    pub outcome: HandoverOutcome,
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which transfers to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransferQuery {
    /// Any of these states.
    #[param(value_type = Option<Vec<TransferState>>, explode = false)]
    pub state: Option<AnyOf<TransferState>>,
    /// Of any of these customers.
    #[param(value_type = Option<Vec<CustomerId>>, explode = false)]
    pub customer_id: Option<AnyOf<CustomerId>>,
    /// To any of these new owners (codes).
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub to_owner: Option<AnyOf<String>>,
    /// From any of these owners (codes).
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub from_owner: Option<AnyOf<String>>,
}

/// What became of the customers of one who leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransfersStarted {
    /// Transfers that were started.
    pub started: usize,
    /// Customers that have an open transfer already.
    pub under_way: usize,
    /// Customers whose transfer cannot be started so, such as where the day has passed; they stay as they are.
    #[serde(default)]
    pub refused: usize,
    /// Customers of his that are left for another request: one starts 500 at most.
    pub left: usize,
}
