use std::ops::Deref;

use registry_contract::{NewHolding, NewPosition};

use super::faults::Faults;

/// What is known of a seat, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct PositionDetails(NewPosition);

impl PositionDetails {
    pub fn parse(mut new: NewPosition) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/title", &mut new.title, 100, &[]);
        faults.range("/level", new.level, 1, 5);
        faults.range("/vote_weight", new.vote_weight, 0, 100);
        faults.or(Self(new))
    }
}

impl Deref for PositionDetails {
    type Target = NewPosition;

    fn deref(&self) -> &NewPosition {
        &self.0
    }
}

/// A holding whose days are in order.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldingDetails(NewHolding);

impl HoldingDetails {
    pub fn parse(new: NewHolding) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        if new.until.is_some_and(|until| until <= new.from) {
            faults.add("/until", "not-after-from", "must come after `from`");
        }
        faults.or(Self(new))
    }
}

impl Deref for HoldingDetails {
    type Target = NewHolding;

    fn deref(&self) -> &NewHolding {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use registry_contract::PositionId;

    use super::*;

    #[test]
    fn a_holding_lasts_at_least_a_day() {
        for (from, until, right) in [
            ("2026-01-01", None, true),
            ("2026-01-01", Some("2026-01-02"), true),
            ("2026-01-01", Some("2026-01-01"), false),
            ("2026-01-02", Some("2026-01-01"), false),
        ] {
            let day = |text: &str| text.parse().expect("is a day");
            let new = NewHolding { position_id: PositionId::new(), from: day(from), until: until.map(day) };
            assert_eq!(HoldingDetails::parse(new).is_ok(), right, "{from} {until:?}");
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
            let faults = PositionDetails::parse(new).err().unwrap_or_default().into_vec();
            let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointers);
        }
    }
}
