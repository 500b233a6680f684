//! Which root causes come up most, over a span and in each of its periods.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use complaints_contract::{CauseCategory, CausePareto, ParetoBy, ParetoPeriod, ParetoQuery, ParetoRow, ReportPeriod};
use problem::FieldError;
use registry_contract::CustomerId;
use uuid::Uuid;

use super::periods::{Period, Periods};
use super::service_report::MOST_ROWS;

/// One complaint that has this root cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    pub complaint: Uuid,
    pub received_at: DateTime<Utc>,
    pub customer: Option<CustomerId>,
    /// Whether it is linked as the recurrence of an earlier complaint.
    pub is_linked: bool,
    pub category: Option<CauseCategory>,
    pub value: Option<String>,
}

const WHOLE: i64 = 10_000;

/// What a row counts.
type Cause<'a> = (Option<CauseCategory>, Option<&'a str>);

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    complaints: i64,
    recurrences: i64,
    linked: i64,
}

/// What came up in a span.
#[derive(Debug, Clone, Default)]
struct Table<'a> {
    complaints: HashSet<Uuid>,
    causes: HashMap<Cause<'a>, Counts>,
}

/// Counts root causes, the most frequent first, ties by name. A complaint counts once in a row, however many of its
/// causes fall into it; complaints of unknown customers recur to nobody. Refuses more rows of periods than an answer may
/// have.
pub fn pareto(
    query: &ParetoQuery,
    periods: Option<&Periods>,
    occurrences: &[Occurrence],
) -> Result<CausePareto, FieldError> {
    let shown = periods.map(Periods::all).unwrap_or_default();
    let (mut whole, mut tables) = (Table::default(), vec![Table::default(); shown.len()]);
    let (mut counted, mut customers) = (HashSet::new(), HashSet::new());
    let mut in_order: Vec<&Occurrence> = occurrences.iter().collect();
    in_order.sort_by_key(|one| (one.received_at, one.complaint));
    for one in in_order.into_iter().filter(|one| counted.insert((one.cause(), one.complaint))) {
        let is_within = periods.is_none_or(|periods| periods.begin() <= one.received_at);
        let had_it_before = |customer| !customers.insert((one.cause(), customer));
        let recurs = is_within && one.customer.is_some_and(had_it_before);
        if is_within {
            whole.add(one, recurs);
        }
        if let Some(place) = periods.and_then(|periods| periods.of(one.received_at)) {
            tables[place].add(one, recurs);
        }
    }
    let of_period = |(pair, (period_from, period_to)): (&[Table<'_>], &Period)| ParetoPeriod {
        period_from: *period_from,
        period_to: *period_to,
        complaints: count(pair[1].complaints.len()),
        rows: pair[1].rows(Some(&pair[0])),
    };
    let periods: Vec<_> = tables.windows(2).zip(shown.iter().skip(1)).map(of_period).collect();
    if periods.iter().map(|period| period.rows.len()).sum::<usize>() > MOST_ROWS {
        let message = format!("gives more than {MOST_ROWS} rows; ask for a shorter span or a coarser period");
        return Err(FieldError::new("?by", "too-many", message));
    }
    Ok(CausePareto {
        by: query.by.unwrap_or(ParetoBy::Category),
        period: query.period.unwrap_or(ReportPeriod::Whole),
        complaints: count(whole.complaints.len()),
        rows: whole.rows(None),
        periods,
    })
}

impl Occurrence {
    fn cause(&self) -> Cause<'_> {
        (self.category, self.value.as_deref())
    }
}

impl<'a> Table<'a> {
    fn add(&mut self, one: &'a Occurrence, recurs: bool) {
        self.complaints.insert(one.complaint);
        let counts = self.causes.entry(one.cause()).or_default();
        counts.complaints += 1;
        counts.recurrences += i64::from(recurs);
        counts.linked += i64::from(one.is_linked);
    }

    /// What came up before and no more is among them: that it is gone is what an improvement was made for.
    fn rows(&self, before: Option<&Self>) -> Vec<ParetoRow> {
        let all = self.causes.iter().map(|(cause, counts)| (*cause, *counts));
        let earlier = before.iter().flat_map(|before| before.causes.keys());
        let gone = earlier.filter(|cause| !self.causes.contains_key(*cause)).map(|cause| (*cause, Counts::default()));
        let mut rows: Vec<(Cause<'a>, Counts)> = all.chain(gone).collect();
        rows.sort_by_key(|(cause, counts)| (Reverse(counts.complaints), *cause));
        let total: i64 = rows.iter().map(|(_, counts)| counts.complaints).sum();
        let share = |part: i64| (part * WHOLE).checked_div(total).unwrap_or_default();
        let mut so_far = 0;
        let row = |(cause, counts): &(Cause<'a>, Counts)| {
            so_far += counts.complaints;
            let ahead = rows.partition_point(|(_, other)| other.complaints > counts.complaints);
            let then = |before: &Self| before.causes.get(cause).map_or(0, |counts| counts.complaints);
            ParetoRow {
                rank: count(ahead) + 1,
                category: cause.0,
                value: cause.1.map(str::to_owned),
                complaints: counts.complaints,
                recurrences: counts.recurrences,
                linked_recurrences: counts.linked,
                share_bp: share(counts.complaints),
                cumulative_bp: share(so_far),
                change: before.map(|before| counts.complaints - then(before)),
            }
        };
        rows.iter().map(row).collect()
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    /// Of February and March 2026, or of whenever.
    fn told(period: ReportPeriod, occurrences: &[Occurrence]) -> CausePareto {
        let query = ParetoQuery {
            by: Some(ParetoBy::Label),
            received_from: Some(at("2026-02-01T00:00:00Z")),
            received_until: Some(at("2026-04-01T00:00:00Z")),
            period: Some(period),
            time_zone: Some("Etc/UTC".to_owned()),
            format: None,
        };
        let periods = Periods::of_pareto(&query).expect("right");
        pareto(&query, periods.as_ref(), occurrences).expect("few rows")
    }

    fn occurrence(complaint: u128, customer: u128, received: &str, value: &str) -> Occurrence {
        Occurrence {
            complaint: Uuid::from_u128(complaint),
            received_at: at(&format!("2026-{received}T00:00:00Z")),
            customer: Some(Uuid::from_u128(customer).into()),
            is_linked: false,
            category: Some(CauseCategory::Parts),
            value: Some(value.to_owned()),
        }
    }

    #[test]
    fn the_most_frequent_cause_comes_first() {
        let all = [
            occurrence(1, 1, "02-01", "line card"),
            occurrence(1, 1, "02-01", "line card"),
            Occurrence { is_linked: true, ..occurrence(2, 1, "02-02", "line card") },
            occurrence(3, 2, "02-03", "line card"),
            occurrence(3, 2, "02-03", "cable"),
            occurrence(4, 3, "02-04", "antenna"),
        ];
        let pareto = told(ReportPeriod::Whole, &all);
        let rows: Vec<_> = pareto
            .rows
            .iter()
            .map(|row| (row.rank, row.value.as_deref(), row.complaints, row.recurrences, row.linked_recurrences))
            .collect();
        let expected = [(1, Some("line card"), 3, 1, 1), (2, Some("antenna"), 1, 0, 0), (2, Some("cable"), 1, 0, 0)];
        assert_eq!(rows, expected);
        let shares: Vec<_> = pareto.rows.iter().map(|row| (row.share_bp, row.cumulative_bp, row.change)).collect();
        assert_eq!(shares, [(6000, 6000, None), (2000, 8000, None), (2000, 10_000, None)]);
        assert_eq!((pareto.complaints, pareto.periods), (4, vec![]));
    }

    #[test]
    fn a_period_is_compared_with_the_one_before() {
        let all = [
            occurrence(1, 1, "01-10", "fan"),
            occurrence(2, 1, "02-10", "fan"),
            occurrence(3, 2, "02-11", "fan"),
            occurrence(4, 2, "02-12", "firmware"),
            occurrence(5, 1, "03-10", "fan"),
        ];
        let pareto = told(ReportPeriod::Month, &all);
        assert_eq!((pareto.complaints, pareto.rows[0].complaints, pareto.rows[0].recurrences), (4, 3, 1));
        let [february, march] = &pareto.periods[..] else { panic!("{pareto:?}") };
        type Row = (Option<String>, i64, i64, i64, Option<i64>);
        let rows = |period: &ParetoPeriod| -> Vec<Row> {
            let row =
                |row: &ParetoRow| (row.value.clone(), row.complaints, row.recurrences, row.cumulative_bp, row.change);
            period.rows.iter().map(row).collect()
        };
        let (fan, firmware) = (Some("fan".to_owned()), Some("firmware".to_owned()));
        assert_eq!(rows(february), [(fan.clone(), 2, 0, 6666, Some(1)), (firmware.clone(), 1, 0, 10_000, Some(1))]);
        // The customer's first is of the span, though of another period.
        assert_eq!(rows(march), [(fan, 1, 1, 10_000, Some(-1)), (firmware, 0, 0, 10_000, Some(-1))]);
        assert_eq!((february.complaints, march.complaints), (3, 1));
    }

    #[test]
    fn a_period_without_complaints_has_no_shares() {
        let pareto = told(ReportPeriod::Month, &[occurrence(1, 1, "02-10", "fan")]);
        let march = &pareto.periods[1];
        let [row] = &march.rows[..] else { panic!("{march:?}") };
        assert_eq!((march.complaints, row.rank, row.share_bp, row.cumulative_bp), (0, 1, 0, 0));
        assert!(told(ReportPeriod::Week, &[]).periods.iter().all(|period| period.rows.is_empty()));
    }

    #[test]
    fn more_rows_of_periods_than_an_answer_may_have_are_refused() {
        let fan = occurrence(1, 1, "02-10", "fan");
        let of = |value: usize| Occurrence { value: Some(value.to_string()), ..fan.clone() };
        let all: Vec<_> = (0..=MOST_ROWS).map(of).collect();
        assert_eq!(told(ReportPeriod::Whole, &all).rows.len(), MOST_ROWS + 1);
        let query = ParetoQuery {
            received_from: Some(at("2026-02-01T00:00:00Z")),
            received_until: Some(at("2026-03-01T00:00:00Z")),
            period: Some(ReportPeriod::Month),
            ..ParetoQuery::default()
        };
        let periods = Periods::of_pareto(&query).expect("right");
        let refused = pareto(&query, periods.as_ref(), &all).expect_err("too many");
        assert_eq!(refused.code, "too-many");
    }

    /// Each complaint has a customer and a day of its own.
    fn any_occurrence() -> impl Strategy<Value = Occurrence> {
        let category = select(CauseCategory::ALL.to_vec());
        (0..20_u128, category, option::of(select(vec!["a", "b", "c"]))).prop_map(|(complaint, category, value)| {
            Occurrence {
                complaint: Uuid::from_u128(complaint),
                received_at: at("2026-01-05T00:00:00Z") + TimeDelta::days(4 * complaint as i64),
                customer: (complaint % 4 > 0).then(|| Uuid::from_u128(complaint % 4).into()),
                is_linked: complaint % 3 == 0,
                category: Some(category),
                value: value.map(str::to_owned),
            }
        })
    }

    proptest! {
        #[test]
        fn a_pareto_falls_and_adds_up(occurrences in vec(any_occurrence(), 0..60)) {
            let pareto = told(ReportPeriod::Whole, &occurrences);
            prop_assert!(pareto.rows.windows(2).all(|pair| pair[0].complaints >= pair[1].complaints));
            prop_assert!(pareto.rows.windows(2).all(|pair| pair[0].cumulative_bp <= pair[1].cumulative_bp));
            prop_assert!(pareto.rows.windows(2).all(|pair| pair[0].rank <= pair[1].rank));
            prop_assert_eq!(pareto.rows.last().map_or(WHOLE, |row| row.cumulative_bp), WHOLE);
            for row in &pareto.rows {
                let complaints: HashSet<_> = occurrences
                    .iter()
                    .filter(|one| one.category == row.category && one.value == row.value)
                    .map(|one| one.complaint)
                    .collect();
                prop_assert_eq!(row.complaints, count(complaints.len()));
                prop_assert!(row.recurrences < row.complaints);
                prop_assert!(row.linked_recurrences <= row.complaints);
            }
        }

        /// The periods of a span add up to it.
        #[test]
        fn what_the_periods_have_adds_up(occurrences in vec(any_occurrence(), 0..60)) {
            let begin = at("2026-02-01T00:00:00Z");
            let within: Vec<_> = occurrences.iter().filter(|one| one.received_at >= begin).cloned().collect();
            let whole = told(ReportPeriod::Whole, &within);
            for period in [ReportPeriod::Month, ReportPeriod::Week] {
                let cut = told(period, &occurrences);
                prop_assert_eq!(&cut.rows, &whole.rows);
                prop_assert_eq!(cut.periods.iter().map(|period| period.complaints).sum::<i64>(), whole.complaints);
                for row in &whole.rows {
                    let of_row = |other: &&ParetoRow| other.category == row.category && other.value == row.value;
                    let parts: Vec<_> = cut.periods.iter().flat_map(|period| &period.rows).filter(of_row).collect();
                    prop_assert_eq!(parts.iter().map(|part| part.complaints).sum::<i64>(), row.complaints);
                    prop_assert_eq!(parts.iter().map(|part| part.recurrences).sum::<i64>(), row.recurrences);
                }
            }
        }
    }
}
