use chrono::NaiveDate;
use registry_contract::{ChainSeatSettings, InfluenceStrength, NewStance, OpportunityId, PositionId};

use super::faults::Faults;
use super::seat::Span;
use super::shape;

/// Holds what is set of a seat in a chain against every rule that needs no database.
pub fn parse_chain_seat(
    mut settings: ChainSeatSettings,
    opportunity: Option<OpportunityId>,
) -> Result<ChainSeatSettings, Faults> {
    let mut faults = Faults::default();
    if opportunity.is_none() {
        let elsewhere = "is the position's own in the customer's chain: change the position";
        if settings.decision_role.is_some() {
            faults.add("/decision_role", "not-allowed", elsewhere);
        }
        if settings.vote_weight.is_some() {
            faults.add("/vote_weight", "not-allowed", elsewhere);
        }
        if settings.matching_employee.is_none() {
            faults.add("/matching_employee", "missing-field", "is all that can be set in the customer's own chain");
        }
    }
    faults.range("/vote_weight", settings.vote_weight, 0, 100);
    faults.optional_text("/matching_employee", &mut settings.matching_employee, 100, &[shape::one_line]);
    faults.or(settings)
}

/// Whether one seat may sway another this strongly.
pub fn parse_influence(from: PositionId, to: PositionId, strength: InfluenceStrength) -> Result<i32, Faults> {
    let mut faults = Faults::default();
    if from == to {
        faults.add("{to}", "itself", "must be another position: none sways itself");
    }
    faults.range("/strength", Some(strength.strength), -3, 3);
    if strength.strength == 0 {
        faults.add("/strength", "zero", "must not be 0: delete what has no influence");
    }
    faults.or(strength.strength)
}

/// Holds a reading against its day and against the times in which its contact held the seat.
pub fn parse_stance(mut new: NewStance, held: &[Span], today: NaiveDate) -> Result<NewStance, Faults> {
    let mut faults = Faults::default();
    if new.read_on > today {
        faults.add("/read_on", "in-the-future", "must not be in the future");
    } else if !held.iter().any(|span| span.contains(new.read_on)) {
        faults.add("/contact_id", "not-holder", "did not hold this position on that day");
    }
    faults.text("/read_by", &mut new.read_by, 100, &[shape::one_line]);
    faults.optional_text("/note", &mut new.note, 2000, &[]);
    faults.or(new)
}

#[cfg(test)]
mod tests {
    use registry_contract::{ContactId, DecisionRole, Stance};

    use super::*;

    fn codes<T>(parsed: Result<T, Faults>) -> Vec<String> {
        let faults = parsed.err().unwrap_or_default().into_vec();
        faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn only_an_opportunity_sets_roles_and_weights() {
        let settings = |role, vote_weight, employee: Option<&str>| ChainSeatSettings {
            decision_role: role,
            vote_weight,
            matching_employee: employee.map(str::to_owned),
        };
        let opportunity = Some(OpportunityId::new());
        let role = Some(DecisionRole::Buyer);
        for (settings, chain, expected) in [
            (settings(None, None, Some("li.wei")), None, &[][..]),
            (settings(None, None, None), None, &["/matching_employee missing-field"]),
            (
                settings(role, Some(1), Some(" ")),
                None,
                &["/decision_role not-allowed", "/vote_weight not-allowed", "/matching_employee blank"],
            ),
            (settings(None, None, None), opportunity, &[]),
            (settings(role, Some(100), Some("li.wei")), opportunity, &[]),
            (
                settings(role, Some(101), Some("a\nb")),
                opportunity,
                &["/vote_weight out-of-range", "/matching_employee bad-format"],
            ),
        ] {
            assert_eq!(codes(parse_chain_seat(settings.clone(), chain)), expected, "{settings:?}");
        }
    }

    #[test]
    fn influence_is_of_another_and_not_nothing() {
        let (one, other) = (PositionId::new(), PositionId::new());
        for (to, strength, expected) in [
            (other, 3, &[][..]),
            (other, -3, &[]),
            (other, 0, &["/strength zero"]),
            (other, 4, &["/strength out-of-range"]),
            (one, -4, &["{to} itself", "/strength out-of-range"]),
        ] {
            assert_eq!(codes(parse_influence(one, to, InfluenceStrength { strength })), expected);
        }
    }

    #[test]
    fn a_stance_is_read_of_who_holds_the_seat() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let held = [Span { from: day("2026-01-01"), until: Some(day("2026-07-01")) }];
        for (read_on, read_by, expected) in [
            ("2026-06-30", "li.wei", &[][..]),
            ("2026-07-01", "li.wei", &["/contact_id not-holder"]),
            ("2026-11-26", " ", &["/read_on in-the-future", "/read_by blank"]),
        ] {
            let new = NewStance {
                contact_id: ContactId::new(),
                opportunity_id: None,
                stance: Stance::Neutral,
                read_on: day(read_on),
                read_by: read_by.into(),
                note: None,
            };
            assert_eq!(codes(parse_stance(new, &held, day("2026-11-25"))), expected, "{read_on}");
        }
    }
}
