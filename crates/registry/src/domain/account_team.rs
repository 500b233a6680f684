use chrono::NaiveDate;
use registry_contract::{OwnerPeriod, TeamRole, TransferId};

use super::faults::Faults;

/// That somebody, or nobody, owned a customer until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub owner: Option<String>,
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub transfer_id: Option<TransferId>,
}

impl Ended {
    /// The period of the owner who goes today. It begins where the one before ended, or with the customer; a customer
    /// that moved to another time zone may have a today that lies before that.
    pub fn today(
        owner: Option<String>,
        before: Option<NaiveDate>,
        created: NaiveDate,
        today: NaiveDate,
        transfer_id: Option<TransferId>,
    ) -> Self {
        let from = before.unwrap_or(created);
        Self { owner, from, until: today.max(from), transfer_id }
    }
}

/// All who owned a customer, the latest first: those who ended, in their order, and who owns it now.
pub fn owners(ended: Vec<Ended>, created: NaiveDate, now: Option<String>) -> Vec<OwnerPeriod> {
    let from = ended.last().map_or(created, |last| last.until);
    let before = ended.into_iter().map(|ended| OwnerPeriod {
        owner: ended.owner,
        from: ended.from,
        until: Some(ended.until),
        transfer_id: ended.transfer_id,
    });
    let mut owners: Vec<_> = before.collect();
    owners.push(OwnerPeriod { owner: now, from, until: None, transfer_id: None });
    owners.reverse();
    owners
}

/// Who owned the customer on a day.
pub fn owner_on(owners: &[OwnerPeriod], on: NaiveDate) -> Option<&OwnerPeriod> {
    let covers = |period: &&OwnerPeriod| period.from <= on && period.until.is_none_or(|until| on < until);
    owners.iter().find(covers).filter(|period| period.owner.is_some())
}

/// What can be said of a new member without looking anybody up.
pub fn member_faults(role: TeamRole, from: NaiveDate, until: Option<NaiveDate>) -> Faults {
    let mut faults = Faults::default();
    if role == TeamRole::Owner {
        faults.add("/role", "owner-by-transfer", "changes by a transfer: POST /api/v1/customers/{id}/transfers");
    }
    if until.is_some_and(|until| until <= from) {
        faults.add("/until", "not-after-from", "must come after `from`");
    }
    faults
}

/// The days of a membership: the first, and the first no longer.
pub type MemberDays = (NaiveDate, Option<NaiveDate>);

/// Whether a membership was withdrawn: it has no day.
pub fn is_withdrawn((from, until): MemberDays) -> bool {
    until == Some(from)
}

/// Whether two memberships have a day in common.
pub fn overlap(one: MemberDays, other: MemberDays) -> bool {
    let meet = one.1.is_none_or(|until| other.0 < until) && other.1.is_none_or(|until| one.0 < until);
    meet && !is_withdrawn(one) && !is_withdrawn(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn memberships_overlap_by_days() {
        let span = |from: &str, until: &str| (day(from), (!until.is_empty()).then(|| day(until)));
        for (one, other, expected) in [
            (span("2026-01-01", "2026-02-01"), span("2026-02-01", ""), false),
            (span("2026-01-01", "2026-02-02"), span("2026-02-01", ""), true),
            (span("2026-01-01", ""), span("2026-02-01", ""), true),
            (span("2026-03-01", ""), span("2026-01-01", "2026-03-01"), false),
            // One of them was withdrawn.
            (span("2026-03-01", "2026-03-01"), span("2026-01-01", ""), false),
        ] {
            assert_eq!((overlap(one, other), overlap(other, one)), (expected, expected), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_member_is_no_owner_and_stays_a_day() {
        let found = |role, until: &str| {
            let faults = member_faults(role, day("2026-01-01"), Some(day(until))).into_vec();
            faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        assert_eq!(found(TeamRole::Service, "2026-01-02"), [""; 0]);
        assert_eq!(found(TeamRole::Owner, "2026-01-01"), ["/role", "/until"]);
    }

    proptest! {
        /// Owners come and go, several on a day, while the customer moves from one time zone to another: from its first
        /// day on, every day has one period, and the last is of who owns it now.
        #[test]
        fn there_is_one_owner_at_any_date(changes in prop::collection::vec((0..4_u64, prop::option::of(0..3_u8)), 0..12)) {
            let created = day("2026-01-10");
            let (mut today, mut now) = (created, Some("0".to_owned()));
            let mut ended: Vec<Ended> = vec![];
            for (days, next) in changes {
                // A day back is what the move to a zone further west does.
                today = today + chrono::Days::new(days) - chrono::Days::new(1);
                let before = ended.last().map(|last| last.until);
                ended.push(Ended::today(now, before, created, today, None));
                now = next.map(|owner| owner.to_string());
            }
            let owners = owners(ended, created, now.clone());
            prop_assert_eq!(&owners[0].owner, &now);
            for days in 0..60 {
                let on = created + chrono::Days::new(days);
                let covering = owners.iter().filter(|p| p.from <= on && p.until.is_none_or(|until| on < until));
                prop_assert_eq!(covering.count(), 1, "on {}", on);
            }
        }
    }
}
