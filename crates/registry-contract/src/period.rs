use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::PeriodLength;

/// A year, half-year or quarter of the calendar: `2026`, `2026-H1`, `2026-Q3`. Ordered by first day, the longer first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i32,
    /// First month, from 1.
    month: u32,
    length: PeriodLength,
}

/// A text that names no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no period, such as 2026, 2026-H1 or 2026-Q3")]
pub struct BadPeriod;

const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2199;

impl Period {
    pub fn length(self) -> PeriodLength {
        self.length
    }

    /// The same part of the year before.
    pub fn year_before(self) -> Self {
        Self { year: self.year - 1, ..self }
    }

    /// Which period of its length it is, counted from the year 0: neighbours differ by 1.
    pub fn ordinal(self) -> i64 {
        let months = i64::from(self.length.months());
        (i64::from(self.year) * 12 + i64::from(self.month) - 1) / months
    }
}

impl PeriodLength {
    pub fn months(self) -> u32 {
        match self {
            Self::Year => 12,
            Self::HalfYear => 6,
            Self::Quarter => 3,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = (self.month - 1) / self.length.months() + 1;
        match self.length {
            PeriodLength::Year => write!(f, "{}", self.year),
            PeriodLength::HalfYear => write!(f, "{}-H{part}", self.year),
            PeriodLength::Quarter => write!(f, "{}-Q{part}", self.year),
        }
    }
}

impl FromStr for Period {
    type Err = BadPeriod;

    fn from_str(text: &str) -> Result<Self, BadPeriod> {
        let (year, part) = text.split_once('-').unwrap_or((text, ""));
        let (length, part) = match part {
            "" if !text.contains('-') => (PeriodLength::Year, 0),
            "H1" => (PeriodLength::HalfYear, 0),
            "H2" => (PeriodLength::HalfYear, 1),
            "Q1" => (PeriodLength::Quarter, 0),
            "Q2" => (PeriodLength::Quarter, 1),
            "Q3" => (PeriodLength::Quarter, 2),
            "Q4" => (PeriodLength::Quarter, 3),
            _ => return Err(BadPeriod),
        };
        let year = Some(year).filter(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()));
        let year = year.and_then(|year| year.parse().ok()).filter(|year| (FIRST_YEAR..=LAST_YEAR).contains(year));
        Ok(Self { year: year.ok_or(BadPeriod)?, month: part * length.months() + 1, length })
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Period {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A year, half-year or quarter: `2026`, `2026-H1`, `2026-Q3`."))
            .pattern(Some("^(19|20|21)[0-9]{2}(-(H[12]|Q[1-4]))?$"))
            .build()
            .into()
    }
}

impl ToSchema for Period {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_as_they_are_written() {
        for (text, month, length) in [
            ("2026", 1, PeriodLength::Year),
            ("2026-H1", 1, PeriodLength::HalfYear),
            ("2026-H2", 7, PeriodLength::HalfYear),
            ("2026-Q1", 1, PeriodLength::Quarter),
            ("2026-Q4", 10, PeriodLength::Quarter),
        ] {
            let period: Period = text.parse().expect("is a period");
            assert_eq!((period.to_string().as_str(), period.month, period.length()), (text, month, length));
        }
        for text in ["", "26", "2026-", "2026-H3", "2026-Q0", "2026-Q5", "-2026", "+202", "1899", "2200", "2026 "] {
            assert_eq!(text.parse::<Period>(), Err(BadPeriod), "{text:?}");
        }
    }

    #[test]
    fn neighbours_differ_by_one() {
        for (before, after) in
            [("2025", "2026"), ("2025-H2", "2026-H1"), ("2025-Q4", "2026-Q1"), ("2026-Q1", "2026-Q2")]
        {
            let ordinal = |text: &str| text.parse::<Period>().map(Period::ordinal).expect("is a period");
            assert_eq!(ordinal(after) - ordinal(before), 1);
        }
    }
}
