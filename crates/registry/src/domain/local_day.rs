//! Days as they are where the customer is.

use std::collections::BTreeMap;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// UTC for a name that the time zone database does not have.
fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// The day it is at this instant.
pub fn day_at(at: DateTime<Utc>, time_zone: &str) -> NaiveDate {
    at.with_timezone(&zone(time_zone)).date_naive()
}

/// The day it is where it is latest: no customer's is a later one.
pub fn latest_day(at: DateTime<Utc>) -> NaiveDate {
    (at + TimeDelta::hours(14)).date_naive()
}

/// Which day it is at this instant in each of these time zones: three days at most.
pub fn days_at(at: DateTime<Utc>, time_zones: Vec<String>) -> BTreeMap<NaiveDate, Vec<String>> {
    let mut days: BTreeMap<NaiveDate, Vec<String>> = BTreeMap::new();
    for name in time_zones {
        days.entry(day_at(at, &name)).or_default().push(name);
    }
    days
}

/// The first instant of a day. Where clocks are put forward at midnight, the day begins after the gap; where they are put
/// back over it, at the earlier midnight.
pub fn start_of(day: NaiveDate, time_zone: &str) -> DateTime<Utc> {
    let zone = zone(time_zone);
    let mut clock = day.and_time(NaiveTime::MIN);
    // No gap known to the database is longer than a day.
    for _ in 0..=96 {
        match zone.from_local_datetime(&clock) {
            LocalResult::Single(start) | LocalResult::Ambiguous(start, _) => return start.to_utc(),
            LocalResult::None => clock += TimeDelta::minutes(15),
        }
    }
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_day_begins_where_the_customer_is() {
        for (of, time_zone, start) in [
            ("2026-01-01", "Asia/Shanghai", "2025-12-31T16:00:00Z"),
            ("2026-01-01", "UTC", "2026-01-01T00:00:00Z"),
            ("2026-01-01", "America/New_York", "2026-01-01T05:00:00Z"),
            ("2026-07-01", "America/New_York", "2026-07-01T04:00:00Z"),
            // Cuba puts its clocks forward at midnight: the day begins at one.
            ("2026-03-08", "America/Havana", "2026-03-08T05:00:00Z"),
            // And back at one, so that midnight comes twice.
            ("2026-11-01", "America/Havana", "2026-11-01T04:00:00Z"),
            // Samoa had no such day.
            ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"),
            ("2026-01-01", "Mars/Olympus_Mons", "2026-01-01T00:00:00Z"),
        ] {
            assert_eq!(start_of(day(of), time_zone).to_rfc3339(), start.replace('Z', "+00:00"), "{of} {time_zone}");
        }
    }

    #[test]
    fn an_instant_lies_in_the_day_that_has_begun() {
        for (at, time_zone, on) in [
            ("2025-12-31T15:59:59Z", "Asia/Shanghai", "2025-12-31"),
            ("2025-12-31T16:00:00Z", "Asia/Shanghai", "2026-01-01"),
            ("2026-01-01T04:59:59Z", "America/New_York", "2025-12-31"),
        ] {
            assert_eq!(day_at(at.parse().expect("an instant"), time_zone), day(on));
        }
    }

    #[test]
    fn it_may_be_three_days_at_once() {
        let zones = ["Asia/Shanghai", "Pacific/Kiritimati", "Etc/GMT+12", "UTC"].map(str::to_owned).to_vec();
        let days = days_at("2026-03-04T11:00:00Z".parse().expect("an instant"), zones);
        let days: Vec<_> = days.into_iter().map(|(on, zones)| (on.to_string(), zones.join(" "))).collect();
        let expected =
            [("2026-03-03", "Etc/GMT+12"), ("2026-03-04", "Asia/Shanghai UTC"), ("2026-03-05", "Pacific/Kiritimati")];
        assert_eq!(days, expected.map(|(on, zones)| (on.to_owned(), zones.to_owned())));
        for (at, latest) in [("2026-03-04T09:59:59Z", "2026-03-04"), ("2026-03-04T10:00:00Z", "2026-03-05")] {
            let at = at.parse().expect("an instant");
            assert_eq!(latest_day(at), day(latest));
            assert_eq!(day_at(at, "Pacific/Kiritimati"), day(latest));
        }
    }
}
