use std::ops::Deref;

use chrono::NaiveDate;
use registry_contract::{NewEmployee, NewTeam};

use super::customer::external_ids;
use super::faults::Faults;
use super::shape;

/// What is known of an employee, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct EmployeeDetails {
    new: NewEmployee,
    pub active_from: NaiveDate,
}

impl EmployeeDetails {
    /// Trims what is text and names every fault at once. `today` is the first day of who has none.
    pub fn parse(mut new: NewEmployee, today: NaiveDate) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/code", &mut new.code, 100, &[shape::staff_code]);
        faults.text("/name", &mut new.name, 100, &[]);
        faults.optional_text("/title", &mut new.title, 100, &[]);
        faults.range("/rank", new.rank, 1, 20);
        faults.optional_text("/email", &mut new.email, 254, &[shape::email]);
        let active_from = new.active_from.unwrap_or(today);
        if new.active_until.is_some_and(|until| until <= active_from) {
            faults.add("/active_until", "not-after-from", "must come after `active_from`");
        }
        external_ids(&mut faults, &mut new.external_ids);
        faults.or(Self { new, active_from })
    }
}

impl Deref for EmployeeDetails {
    type Target = NewEmployee;

    fn deref(&self) -> &NewEmployee {
        &self.new
    }
}

/// Whether someone is with us on a day.
pub fn is_active(from: NaiveDate, until: Option<NaiveDate>, on: NaiveDate) -> bool {
    from <= on && until.is_none_or(|until| on < until)
}

/// What is known of a team, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamDetails(NewTeam);

impl TeamDetails {
    pub fn parse(mut new: NewTeam) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/code", &mut new.code, 100, &[shape::staff_code]);
        faults.text("/name", &mut new.name, 100, &[]);
        faults.or(Self(new))
    }
}

impl Deref for TeamDetails {
    type Target = NewTeam;

    fn deref(&self) -> &NewTeam {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn employee(change: impl FnOnce(&mut NewEmployee)) -> NewEmployee {
        let mut new = NewEmployee {
            code: "li.wei".into(),
            name: "李伟".into(),
            title: None,
            rank: None,
            email: None,
            team: None,
            manager: None,
            active_from: None,
            active_until: None,
            external_ids: vec![],
        };
        change(&mut new);
        new
    }

    #[test]
    fn all_faults_come_at_once() {
        let today = day("2026-03-04");
        let parse = |change: &dyn Fn(&mut NewEmployee)| {
            let faults = EmployeeDetails::parse(employee(change), today).err().unwrap_or_default().into_vec();
            faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect::<Vec<_>>();
        assert_eq!(parse(&|_| {}), []);
        assert_eq!(parse(&|new| new.code = "li wei".into()), pairs(&[("/code", "bad-format")]));
        let wrong = |new: &mut NewEmployee| {
            new.name = " ".into();
            new.rank = Some(0);
            new.email = Some("li.wei".into());
            new.active_until = Some(today);
        };
        let expected = [
            ("/name", "blank"),
            ("/rank", "out-of-range"),
            ("/email", "bad-format"),
            ("/active_until", "not-after-from"),
        ];
        assert_eq!(parse(&wrong), pairs(&expected));
        assert_eq!(EmployeeDetails::parse(employee(|_| {}), today).expect("is right").active_from, today);
    }

    #[test]
    fn the_last_day_is_the_one_before_until() {
        let (from, until) = (day("2026-01-01"), Some(day("2026-02-01")));
        for (on, active) in [("2025-12-31", false), ("2026-01-01", true), ("2026-01-31", true), ("2026-02-01", false)] {
            assert_eq!(is_active(from, until, day(on)), active, "{on}");
        }
        assert!(is_active(from, None, day("2030-01-01")));
    }
}
