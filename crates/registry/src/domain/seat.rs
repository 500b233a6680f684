use std::collections::HashMap;

use chrono::NaiveDate;
use registry_contract::{NewHolding, NewPosition, PositionId};

use super::faults::Faults;

/// What is known of a seat, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct PositionDetails {
    pub seat: NewPosition,
    pub closed_on: Option<NaiveDate>,
}

impl PositionDetails {
    pub fn parse(mut seat: NewPosition, closed_on: Option<NaiveDate>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/title", &mut seat.title, 100, &[]);
        faults.range("/level", seat.level, 1, 5);
        faults.range("/vote_weight", seat.vote_weight, 0, 100);
        faults.or(Self { seat, closed_on })
    }
}

/// Who reports to whom among the seats of one customer; a seat without a superior is in it too.
pub type Chart = HashMap<PositionId, Option<PositionId>>;

/// Whether `seat` may report to `superior`: no line upwards from there leads back to it.
pub fn may_report(seat: PositionId, superior: PositionId, chart: &Chart) -> bool {
    let mut next = Some(superior);
    for _ in 0..=chart.len() {
        match next {
            None => return true,
            Some(id) if id == seat => return false,
            Some(id) => next = chart.get(&id).copied().flatten(),
        }
    }
    // Longer than there are seats: a circle that does not pass here, which nothing may be added to either.
    false
}

/// A time from a day until a day, which is no longer part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

impl Span {
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| self.from < until)
    }
}

/// What a holding must not collide with.
#[derive(Debug, Clone, Default)]
pub struct SeatHistory {
    pub closed_on: Option<NaiveDate>,
    /// When the same contact holds the same seat otherwise.
    pub same_holder: Vec<Span>,
}

/// Whether a holding fits: its days are in order, within the seat's life, and the contact does not hold the seat then
/// already. Others may: a seat can be shared, and handed over with some days in common.
pub fn unfit_holding(new: &NewHolding, seat: &SeatHistory) -> Faults {
    let mut faults = Faults::default();
    let span = Span { from: new.from, until: new.until };
    if new.until.is_some_and(|until| until <= new.from) {
        faults.add("/until", "not-after-from", "must come after `from`");
        return faults;
    }
    if let Some(closed) = seat.closed_on.filter(|closed| new.until.is_none_or(|until| until > *closed)) {
        faults.add("/until", "position-closed", format!("must be {closed} or earlier: the position is closed then"));
    }
    if seat.same_holder.iter().any(|other| other.overlaps(span)) {
        faults.add("/from", "holding-overlaps", "the contact holds this position on some of these days already");
    }
    faults
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use registry_contract::PositionId;
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("is a day")
    }

    fn codes(faults: Faults) -> Vec<(String, String)> {
        faults.into_vec().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_holding_fits_its_seat_and_its_holder() {
        let ended = Span { from: day("2024-01-01"), until: Some(day("2025-01-01")) };
        let lasting = Span { from: day("2026-06-01"), until: None };
        for (from, until, closed, others, fault) in [
            ("2026-01-01", None, None, vec![], None),
            ("2026-01-01", Some("2026-01-02"), None, vec![], None),
            ("2026-01-01", Some("2026-01-01"), None, vec![], Some(("/until", "not-after-from"))),
            ("2026-01-02", Some("2026-01-01"), None, vec![], Some(("/until", "not-after-from"))),
            ("2026-01-01", None, Some("2027-01-01"), vec![], Some(("/until", "position-closed"))),
            ("2026-01-01", Some("2027-01-02"), Some("2027-01-01"), vec![], Some(("/until", "position-closed"))),
            ("2026-01-01", Some("2027-01-01"), Some("2027-01-01"), vec![], None),
            ("2025-01-01", None, None, vec![ended], None),
            ("2024-12-31", None, None, vec![ended], Some(("/from", "holding-overlaps"))),
            ("2023-01-01", Some("2024-01-01"), None, vec![ended], None),
            ("2023-01-01", Some("2024-01-02"), None, vec![ended], Some(("/from", "holding-overlaps"))),
            ("2025-01-01", Some("2026-06-01"), None, vec![ended, lasting], None),
            ("2025-01-01", None, None, vec![ended, lasting], Some(("/from", "holding-overlaps"))),
        ] {
            let new = NewHolding { position_id: PositionId::new(), from: day(from), until: until.map(day) };
            let seat = SeatHistory { closed_on: closed.map(day), same_holder: others };
            let expected: Vec<_> = fault.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
            assert_eq!(codes(unfit_holding(&new, &seat)), expected, "{from} {until:?} {closed:?}");
        }
    }

    #[test]
    fn levels_and_weights_have_bounds() {
        for (level, vote_weight, pointers) in [
            (Some(1), Some(0), &[][..]),
            (Some(5), Some(100), &[]),
            (Some(0), Some(101), &["/level", "/vote_weight"]),
            (Some(6), None, &["/level"]),
        ] {
            let new = NewPosition { title: "CTO".into(), level, reports_to: None, decision_role: None, vote_weight };
            let faults = PositionDetails::parse(new, None).err().unwrap_or_default().into_vec();
            let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointers);
        }
    }

    fn seat(number: u8) -> PositionId {
        Uuid::from_u128(u128::from(number)).into()
    }

    /// Whether every line upwards ends.
    fn is_forest(chart: &Chart) -> bool {
        chart.keys().all(|start| {
            let line = std::iter::successors(Some(*start), |id| chart.get(id).copied().flatten());
            line.take(chart.len() + 1).count() <= chart.len()
        })
    }

    /// Whether `from` reports to `to`, directly or not.
    fn is_above(to: PositionId, from: PositionId, chart: &Chart) -> bool {
        std::iter::successors(Some(from), |id| chart.get(id).copied().flatten()).any(|id| id == to)
    }

    proptest! {
        #[test]
        fn no_moves_ever_close_a_circle(moves in prop::collection::vec((0..12_u8, prop::option::of(0..12_u8)), 0..80)) {
            let mut chart: Chart = (0..12).map(|number| (seat(number), None)).collect();
            for (number, superior) in moves {
                let (moved, superior) = (seat(number), superior.map(seat));
                let may = superior.is_none_or(|superior| may_report(moved, superior, &chart));
                // Refused only where it would have closed one.
                prop_assert_eq!(may, superior.is_none_or(|superior| !is_above(moved, superior, &chart)));
                if may {
                    chart.insert(moved, superior);
                }
                prop_assert!(is_forest(&chart));
            }
        }

        #[test]
        fn spans_overlap_where_they_have_a_day_in_common(a in 0..30_u64, b in 0..30_u64, length in prop::option::of(1..20_u64), other in prop::option::of(1..20_u64)) {
            let start = day("2026-01-01");
            let span = |from: u64, length: Option<u64>| Span {
                from: start + chrono::Days::new(from),
                until: length.map(|length| start + chrono::Days::new(from + length)),
            };
            let (one, two) = (span(a, length), span(b, other));
            let common = (0..100).map(|n| start + chrono::Days::new(n)).any(|day| one.contains(day) && two.contains(day));
            prop_assert_eq!(one.overlaps(two), common);
        }
    }
}
