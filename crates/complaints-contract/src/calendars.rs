use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{entity, words};

use crate::CalendarId;

words! {
    /// A day of the week.
    Weekday {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

/// When work is done (工作日历), as it is from now on. Every change makes a new version; what was reckoned by an older
/// one stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCalendar {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// A zone of the IANA database.
    #[schema(min_length = 1, max_length = 64, example = "Asia/Shanghai")]
    pub time_zone: String,
    /// Open around the clock, every day; then there are no hours, holidays or exceptions.
    #[serde(default)]
    pub always_open: bool,
    /// The hours of an ordinary week.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub hours: Vec<WeeklyHours>,
    /// Days on which nobody works.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub holidays: Vec<Holiday>,
    /// Days with hours of their own, such as a Saturday that is worked for a holiday (调休).
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub exceptions: Vec<ExceptionalDay>,
}

/// A span of work on some days of the week; a day may have several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeeklyHours {
    #[schema(min_items = 1, max_items = 7)]
    pub days: Vec<Weekday>,
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    pub from: String,
    /// Up to `24:00`; no later than `from` is on the next day.
    #[schema(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "18:00")]
    pub to: String,
}

/// From a time of day to another, by the wall clock of the calendar's zone. A span that ends no later than it begins ends
/// on the next day, and belongs to the day it begins on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkingHours)]
pub struct Hours {
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    pub from: String,
    /// Up to `24:00`.
    #[schema(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "18:00")]
    pub to: String,
}

/// Days on which nobody works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub from: NaiveDate,
    /// The last day; the first is the only one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
}

/// A day with hours of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionalDay {
    pub date: NaiveDate,
    #[schema(min_items = 1, max_items = 10)]
    pub hours: Vec<Hours>,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
}

/// A calendar that is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenCalendar {
    /// What policies name it by; stays.
    #[schema(pattern = "^[a-z][a-z0-9-]{0,49}$", example = "china")]
    pub code: String,
    pub calendar: NewCalendar,
}

/// A calendar, in its latest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Calendar {
    pub id: CalendarId,
    /// What policies name it by.
    #[schema(example = "china")]
    pub code: String,
    pub name: String,
    pub time_zone: String,
    pub always_open: bool,
    pub hours: Vec<WeeklyHours>,
    pub holidays: Vec<Holiday>,
    pub exceptions: Vec<ExceptionalDay>,
    pub version: i64,
    /// Since when this version counts.
    pub valid_from: DateTime<Utc>,
    /// Who wrote it.
    pub by: String,
}

entity!(Calendar at "/api/v1/calendars");

impl NewCalendar {
    /// As it is kept.
    #[must_use]
    pub fn named(self, id: CalendarId, code: String, version: i64, valid_from: DateTime<Utc>, by: String) -> Calendar {
        let Self { name, time_zone, always_open, hours, holidays, exceptions } = self;
        Calendar { id, code, name, time_zone, always_open, hours, holidays, exceptions, version, valid_from, by }
    }
}

impl From<&Calendar> for NewCalendar {
    fn from(calendar: &Calendar) -> Self {
        let Calendar { name, time_zone, always_open, hours, holidays, exceptions, .. } = calendar.clone();
        Self { name, time_zone, always_open, hours, holidays, exceptions }
    }
}
