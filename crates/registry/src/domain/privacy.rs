use chrono::{Months, NaiveDate};
use registry_contract::{Contact, LegalHold, NewContactErasure, NewLegalHold};

use super::faults::Faults;

/// For how long it is kept who read what is known of a contact.
const READS_KEPT: Months = Months::new(24);

pub fn parse_legal_hold(mut new: NewLegalHold, today: NaiveDate) -> Result<NewLegalHold, Faults> {
    let mut faults = Faults::default();
    faults.text("/reason", &mut new.reason, 500, &[]);
    if new.until.is_some_and(|until| until <= today) {
        faults.add("/until", "not-in-the-future", "must come after today");
    }
    faults.or(new)
}

pub fn parse_erasure(mut new: NewContactErasure) -> Result<NewContactErasure, Faults> {
    let mut faults = Faults::default();
    faults.text("/reason", &mut new.reason, 500, &[]);
    faults.or(new)
}

pub fn holds_on(hold: &LegalHold, day: NaiveDate) -> bool {
    hold.until.is_none_or(|until| day < until)
}

/// The texts that mean this person wherever they stand alone.
pub fn names_and_addresses(contact: &Contact) -> Vec<&str> {
    let own = [&contact.email, &contact.phone, &contact.mobile].into_iter().flatten();
    let points = contact.contact_points.iter().map(|point| &point.value);
    std::iter::once(&contact.name).chain(own).chain(points).map(String::as_str).collect()
}

/// The first day of which reads are still kept.
pub fn reads_kept_from(today: NaiveDate) -> NaiveDate {
    today.checked_sub_months(READS_KEPT).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use registry_contract::ContactId;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("is a day")
    }

    #[test]
    fn a_hold_ends_on_its_day() {
        let new = |until: Option<&str>| NewLegalHold { reason: " Dispute ".into(), until: until.map(day) };
        let parsed = parse_legal_hold(new(Some("2026-03-02")), day("2026-03-01")).expect("is right");
        assert_eq!(parsed.reason, "Dispute");
        assert!(parse_legal_hold(new(Some("2026-03-01")), day("2026-03-01")).is_err());
        for (until, on, holds) in [
            (None, "2126-03-01", true),
            (Some("2026-03-02"), "2026-03-01", true),
            (Some("2026-03-02"), "2026-03-02", false),
        ] {
            let hold = LegalHold {
                contact_id: ContactId::new(),
                reason: "Dispute".into(),
                until: until.map(day),
                placed_by: "user:1".into(),
                placed_at: DateTime::UNIX_EPOCH,
            };
            assert_eq!(holds_on(&hold, day(on)), holds, "{until:?} {on}");
        }
    }

    #[test]
    fn reads_are_kept_for_two_years() {
        assert_eq!(reads_kept_from(day("2026-03-01")), day("2024-03-01"));
        assert_eq!(reads_kept_from(day("2028-02-29")), day("2026-02-28"));
    }
}
