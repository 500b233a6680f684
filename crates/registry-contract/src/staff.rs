use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};
use wire::{ExternalId, Reference, entity};

use crate::{BulkMode, EmployeeId, TeamId};

/// One of our own people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Employee {
    pub id: EmployeeId,
    /// What customers' `owner` and logins call him by; never changes.
    #[schema(example = "li.wei")]
    pub code: String,
    pub name: String,
    pub title: Option<String>,
    /// 1 is the top, comparable with the level of a customer's position.
    pub rank: Option<i32>,
    pub email: Option<String>,
    pub team_id: Option<TeamId>,
    /// Whom he reports to.
    pub manager_id: Option<EmployeeId>,
    /// First day with us.
    pub active_from: NaiveDate,
    /// First day no longer with us; null while he stays.
    pub active_until: Option<NaiveDate>,
    /// His keys in other systems; a pair belongs to one employee.
    pub external_ids: Vec<ExternalId>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Employee at "/api/v1/employees");

/// An employee to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmployee {
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\s/?#]+$", example = "li.wei")]
    pub code: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// 1 is the top.
    #[schema(minimum = 1, maximum = 20)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<i32>,
    #[schema(min_length = 3, max_length = 254)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A team, by id or code.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Reference<TeamId>>,
    /// Whom he reports to, by id or code.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Reference<EmployeeId>>,
    /// First day with us; today when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_from: Option<NaiveDate>,
    /// First day no longer with us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_until: Option<NaiveDate>,
    #[schema(max_items = 20)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
}

/// What would make this employee anew; where a change starts from.
impl From<&Employee> for NewEmployee {
    fn from(employee: &Employee) -> Self {
        let employee = employee.clone();
        Self {
            code: employee.code,
            name: employee.name,
            title: employee.title,
            rank: employee.rank,
            email: employee.email,
            team: employee.team_id.map(Reference::Id),
            manager: employee.manager_id.map(Reference::Id),
            active_from: Some(employee.active_from),
            active_until: employee.active_until,
            external_ids: employee.external_ids,
        }
    }
}

macro_rules! over_present {
    ($from:ident, $to:ident, $($field:ident)*) => {
        $(if let Some(value) = $from.$field { $to.$field = value; })*
    };
}

/// Declares a body of changes: absent keeps, `null` clears where clearing is possible.
macro_rules! changes {
    ($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $extra:ident: $type:ty),* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$note])* pub $extra: $type,)*
            #[schema(min_length = 1, max_length = 100, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub name: Option<String>,
            #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub title: Option<Option<String>>,
            /// 1 is the top.
            #[schema(value_type = Option<i32>, minimum = 1, maximum = 20)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub rank: Option<Option<i32>>,
            #[schema(value_type = Option<String>, min_length = 3, max_length = 254)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub email: Option<Option<String>>,
            /// A team, by id or code.
            #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub team: Option<Option<Reference<TeamId>>>,
            /// Whom he reports to, by id or code.
            #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub manager: Option<Option<Reference<EmployeeId>>>,
            /// First day with us.
            #[schema(nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub active_from: Option<NaiveDate>,
            /// First day no longer with us.
            #[schema(value_type = Option<NaiveDate>)]
            #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
            pub active_until: Option<Option<NaiveDate>>,
            /// Replaces all his external ids.
            #[schema(max_items = 20, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub external_ids: Option<Vec<ExternalId>>,
        }

        impl $name {
            /// Writes what is present over `employee`; not the code, which never changes.
            pub fn apply(self, employee: &mut NewEmployee) {
                employee.active_from = self.active_from.or(employee.active_from);
                over_present!(self, employee, name title rank email team manager active_until external_ids);
            }
        }
    };
}

changes! {
    /// Changes to an employee (JSON Merge Patch, RFC 7396).
    EmployeePatch {}
}

changes! {
    /// What the personnel system knows of an employee. Fields left out keep what is stored, `null` clears; `code` and `name`
    /// are needed when he is new.
    EmployeeUpsert {
        #[schema(min_length = 1, max_length = 100, pattern = r"^[^\s/?#]+$", nullable = false, example = "li.wei")]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// When the source last changed the record. What a newer record of the same employee has told, field by field, is not
        /// overwritten, so replays and late arrivals converge to the same employee in any order. A team or manager that is not
        /// there yet is refused all the same: send the record again once it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source_updated_at: Option<DateTime<Utc>>
    }
}

/// Which employees to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EmployeeQuery {
    /// Members of this team.
    pub team_id: Option<TeamId>,
    /// Who report to this employee directly.
    pub manager_id: Option<EmployeeId>,
    /// With us on this day.
    pub active_on: Option<NaiveDate>,
    /// Changed at this instant or later.
    pub updated_since: Option<DateTime<Utc>>,
}

/// Employees to create or change in one request, known again by their codes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkEmployees {
    #[schema(min_items = 1, max_items = 1000)]
    pub employees: Vec<EmployeeUpsert>,
}

/// How to take the rows of a bulk request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BulkEmployeesQuery {
    /// `atomic` (the default) takes all rows or none; `per_row` every good one.
    #[serde(default)]
    #[param(inline, required = false)]
    pub mode: BulkMode,
}

/// What became of a bulk request, row by row in its order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkEmployeesResult {
    pub mode: BulkMode,
    pub succeeded: usize,
    pub failed: usize,
    pub results: Vec<BulkEmployeeOutcome>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkEmployeeOutcome {
    /// Position in the request, from 0.
    pub row: usize,
    /// The status this row alone would have been answered with: 201 created, 200 known before.
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee: Option<Employee>,
    #[schema(schema_with = problem)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<serde_json::Value>,
}

/// The problem document is the `problem` crate's, which contracts do not depend on.
fn problem() -> RefOr<Schema> {
    Ref::from_schema_name("Problem").into()
}

/// How far down to look.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportsQuery {
    /// Levels below the employee; 1 (the default) are those who report to him directly.
    #[param(minimum = 1, maximum = 20)]
    pub depth: Option<i32>,
}

/// Who reports to an employee, level by level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reports {
    pub employee_id: EmployeeId,
    pub depth: i32,
    /// Nearest first, each level by code.
    pub items: Vec<Report>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// 1 reports directly.
    pub level: i32,
    pub employee: Employee,
}

/// A team of ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Team {
    pub id: TeamId,
    /// What people call it by, unique; never changes.
    #[schema(example = "east-china")]
    pub code: String,
    pub name: String,
    /// The team this one belongs to.
    pub parent_id: Option<TeamId>,
    pub lead_id: Option<EmployeeId>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Team at "/api/v1/teams");

/// A team to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\s/?#]+$", example = "east-china")]
    pub code: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The team this one belongs to, by id or code.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Reference<TeamId>>,
    /// An employee, by id or code.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<Reference<EmployeeId>>,
}

/// What would make this team anew; where a change starts from.
impl From<&Team> for NewTeam {
    fn from(team: &Team) -> Self {
        Self {
            code: team.code.clone(),
            name: team.name.clone(),
            parent: team.parent_id.map(Reference::Id),
            lead: team.lead_id.map(Reference::Id),
        }
    }
}

/// Changes to a team (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamPatch {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The team this one belongs to, by id or code.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub parent: Option<Option<Reference<TeamId>>>,
    /// An employee, by id or code.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub lead: Option<Option<Reference<EmployeeId>>>,
}

impl TeamPatch {
    /// Writes what is present over `team`.
    pub fn apply(self, team: &mut NewTeam) {
        over_present!(self, team, name parent lead);
    }
}
