use chrono::{NaiveDate, TimeDelta};
use registry_contract::{Lifecycle, LifecycleMove, LifecyclePolicy, LifecycleRule, NewLifecyclePolicy, OrderReference};

use super::faults::Faults;
use super::shape;

/// What came with the product: a year for both.
pub fn first_policy() -> LifecyclePolicy {
    LifecyclePolicy { version: 0, repeat_within_days: 365, lapse_after_days: 365, set_by: None, set_at: None }
}

/// # Errors
/// When the days cannot be gone by.
pub fn fit_policy(new: &NewLifecyclePolicy) -> Result<(), Faults> {
    let mut faults = Faults::default();
    faults.range("/repeat_within_days", Some(new.repeat_within_days), 1, 3650);
    faults.range("/lapse_after_days", Some(new.lapse_after_days), 1, 3650);
    faults.or(())
}

/// What is wrong with the key of an order in another system.
pub fn order_key(system: &str, id: &str) -> Faults {
    let mut faults = Faults::default();
    faults.text("/system", &mut system.to_owned(), 50, &[shape::external_system]);
    faults.text("/order", &mut id.to_owned(), 200, &[]);
    faults
}

/// Whether a customer may go from one stage to another. Suspects and prospects have not bought; whoever bought never
/// becomes one again, but lapses and is regained.
pub fn may_move(from: Lifecycle, to: Lifecycle) -> bool {
    use Lifecycle as L;
    match (from, to) {
        (L::Suspect, L::Prospect | L::FirstPurchase)
        | (L::Prospect, L::Suspect | L::FirstPurchase)
        | (L::FirstPurchase, L::Repeat | L::Advocate | L::Lapsed)
        | (L::Repeat, L::Advocate | L::Lapsed)
        | (L::Advocate, L::Repeat | L::Lapsed)
        | (L::Lapsed, L::Regained)
        | (L::Regained, L::Repeat | L::Advocate | L::Lapsed) => true,

        (L::Suspect, L::Suspect | L::Repeat | L::Advocate | L::Lapsed | L::Regained)
        | (L::Prospect, L::Prospect | L::Repeat | L::Advocate | L::Lapsed | L::Regained)
        | (L::FirstPurchase, L::Suspect | L::Prospect | L::FirstPurchase | L::Regained)
        | (L::Repeat, L::Suspect | L::Prospect | L::FirstPurchase | L::Repeat | L::Regained)
        | (L::Advocate, L::Suspect | L::Prospect | L::FirstPurchase | L::Advocate | L::Regained)
        | (L::Lapsed, L::Suspect | L::Prospect | L::FirstPurchase | L::Repeat | L::Advocate | L::Lapsed)
        | (L::Regained, L::Suspect | L::Prospect | L::FirstPurchase | L::Regained) => false,
    }
}

/// Where a customer may go from here.
pub fn allowed(from: Lifecycle) -> Vec<Lifecycle> {
    Lifecycle::ALL.iter().copied().filter(|to| may_move(from, *to)).collect()
}

/// What is wrong with going there; nothing where the customer is there already.
pub fn move_fault(pointer: &str, from: Lifecycle, to: Lifecycle) -> Faults {
    let mut faults = Faults::default();
    if from != to && !may_move(from, to) {
        let words: Vec<_> = allowed(from).into_iter().map(Lifecycle::as_str).collect();
        let message = format!("from {from} a customer moves to {} only", words.join(" or "));
        faults.add(pointer, "lifecycle-conflict", message);
    }
    faults
}

/// The stage a customer is in, and since which day: that of the order that moved it, else of the move. None where it was
/// created so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub stage: Lifecycle,
    pub since: Option<NaiveDate>,
}

/// The last of these moves, the oldest first, that stands: those that were taken back are as if they had not been.
pub fn last_standing(moves: &[LifecycleMove]) -> Option<&LifecycleMove> {
    let mut standing: Vec<&LifecycleMove> = Vec::new();
    for one in moves {
        if one.rule == Some(LifecycleRule::TakenBack) {
            while standing.pop_if(|last| last.to != one.to).is_some() {}
        } else {
            standing.push(one);
        }
    }
    standing.pop()
}

/// A move that a rule makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub to: Lifecycle,
    pub rule: LifecycleRule,
    pub order: OrderReference,
}

/// The move that is due on this day, if any. `orders` are those that stand, the oldest first; where there are none, nothing
/// is known, and nobody moves.
pub fn due(standing: Standing, orders: &[OrderReference], policy: &LifecyclePolicy, today: NaiveDate) -> Option<Due> {
    use Lifecycle as L;
    let (first, last) = (orders.first()?, orders.last()?);
    let move_to = |to, rule, order: &OrderReference| Some(Due { to, rule, order: order.clone() });
    let is_silent = {
        let heard = standing.since.map_or(last.ordered_on, |since| since.max(last.ordered_on));
        heard + days(policy.lapse_after_days) < today
    };
    match standing.stage {
        L::Suspect | L::Prospect => move_to(L::FirstPurchase, LifecycleRule::FirstOrder, first),
        L::FirstPurchase => match second(orders, None, policy) {
            Some(order) => move_to(L::Repeat, LifecycleRule::SecondOrder, order),
            None if is_silent => move_to(L::Lapsed, LifecycleRule::NoOrder, last),
            None => None,
        },
        L::Regained => match second(orders, standing.since, policy) {
            Some(order) => move_to(L::Repeat, LifecycleRule::SecondOrder, order),
            None if is_silent => move_to(L::Lapsed, LifecycleRule::NoOrder, last),
            None => None,
        },
        L::Repeat | L::Advocate if is_silent => move_to(L::Lapsed, LifecycleRule::NoOrder, last),
        L::Repeat | L::Advocate => None,
        L::Lapsed => {
            let is_later = standing.since.is_none_or(|since| last.ordered_on > since);
            let is_recent = last.ordered_on + days(policy.lapse_after_days) >= today;
            if is_later && is_recent { move_to(L::Regained, LifecycleRule::OrderAfterLapse, last) } else { None }
        }
    }
}

/// The first order that follows another on a later day soon enough, the other not before `since`.
fn second<'a>(
    orders: &'a [OrderReference],
    since: Option<NaiveDate>,
    policy: &LifecyclePolicy,
) -> Option<&'a OrderReference> {
    let within = days(policy.repeat_within_days);
    let mut days: Vec<_> = orders.iter().filter(|order| since.is_none_or(|since| order.ordered_on >= since)).collect();
    days.dedup_by_key(|order| order.ordered_on);
    days.windows(2).find(|pair| pair[1].ordered_on - pair[0].ordered_on <= within).map(|pair| pair[1])
}

fn days(days: i32) -> TimeDelta {
    TimeDelta::days(days.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(number: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") + TimeDelta::days(number)
    }

    fn orders(days: &[i64]) -> Vec<OrderReference> {
        let order =
            |number: &i64| OrderReference { system: "erp".into(), id: number.to_string(), ordered_on: day(*number) };
        days.iter().map(order).collect()
    }

    fn policy() -> LifecyclePolicy {
        LifecyclePolicy { repeat_within_days: 90, lapse_after_days: 180, ..first_policy() }
    }

    #[test]
    fn rules_move_by_orders_and_their_absence() {
        use Lifecycle as L;
        for (stage, since, placed, today, expected) in [
            (L::Prospect, None, &[][..], 0, None),
            (L::Suspect, None, &[5], 5, Some((L::FirstPurchase, 5))),
            (L::Prospect, None, &[5, 9], 9, Some((L::FirstPurchase, 5))),
            (L::FirstPurchase, Some(5), &[5], 9, None),
            (L::FirstPurchase, Some(5), &[5, 5], 9, None),
            (L::FirstPurchase, Some(5), &[5, 95], 95, Some((L::Repeat, 95))),
            (L::FirstPurchase, Some(5), &[5, 96], 96, None),
            (L::FirstPurchase, Some(9), &[1, 9], 9, Some((L::Repeat, 9))),
            (L::FirstPurchase, Some(5), &[5], 185, None),
            (L::FirstPurchase, Some(5), &[5], 186, Some((L::Lapsed, 5))),
            (L::Repeat, Some(9), &[5, 9], 189, None),
            (L::Advocate, Some(9), &[5, 9], 190, Some((L::Lapsed, 9))),
            // Somebody moved it later than its last order, and knew why.
            (L::Repeat, Some(100), &[5, 9], 190, None),
            (L::Repeat, None, &[], 9_999, None),
            (L::Lapsed, Some(9), &[5, 9], 20, None),
            (L::Lapsed, Some(9), &[5, 9, 300], 300, Some((L::Regained, 300))),
            (L::Lapsed, Some(9), &[5, 9, 300], 481, None),
            (L::Regained, Some(300), &[5, 9, 300], 310, None),
            (L::Regained, Some(300), &[5, 9, 300, 310], 310, Some((L::Repeat, 310))),
            (L::Regained, Some(300), &[5, 9, 300], 481, Some((L::Lapsed, 300))),
        ] {
            let standing = Standing { stage, since: since.map(day) };
            let due = due(standing, &orders(placed), &policy(), day(today));
            let due = due.map(|due| (due.to, due.order.ordered_on));
            assert_eq!(due, expected.map(|(to, on)| (to, day(on))), "{stage} {since:?} {placed:?} on {today}");
        }
    }

    #[test]
    fn every_stage_can_be_left_and_none_for_itself() {
        for from in Lifecycle::ALL.iter().copied() {
            assert!(!allowed(from).is_empty() && !may_move(from, from), "{from}");
        }
        let faults = move_fault("/lifecycle", Lifecycle::Lapsed, Lifecycle::Prospect).into_vec();
        assert_eq!(faults[0].message, "from lapsed a customer moves to regained only");
        assert!(move_fault("/lifecycle", Lifecycle::Lapsed, Lifecycle::Lapsed).is_empty());
    }

    #[test]
    fn what_was_taken_back_is_as_if_it_had_not_been() {
        use Lifecycle as L;
        let moved = |from, to, rule| LifecycleMove {
            id: registry_contract::LifecycleMoveId::new(),
            from,
            to,
            at: chrono::DateTime::UNIX_EPOCH,
            by: "user:1".into(),
            rule,
            policy: None,
            order: None,
            reason: None,
        };
        let back = Some(LifecycleRule::TakenBack);
        let (bought, lapsed) = (moved(L::Prospect, L::FirstPurchase, None), moved(L::FirstPurchase, L::Lapsed, None));
        let (regained, again) = (moved(L::Lapsed, L::Regained, None), moved(L::Regained, L::Repeat, None));
        let (to_lapsed, to_prospect) = (moved(L::Repeat, L::Lapsed, back), moved(L::FirstPurchase, L::Prospect, back));
        for (moves, expected) in [
            (vec![], None),
            (vec![&bought, &lapsed], Some(&lapsed)),
            // Two moves of one import go together.
            (vec![&bought, &lapsed, &regained, &again, &to_lapsed], Some(&lapsed)),
            (vec![&bought, &lapsed, &regained, &again, &to_lapsed, &regained], Some(&regained)),
            // Into the stage that it was created in.
            (vec![&bought, &to_prospect], None),
        ] {
            let moves: Vec<LifecycleMove> = moves.into_iter().cloned().collect();
            assert_eq!(last_standing(&moves).map(|one| one.id), expected.map(|one| one.id));
        }
    }

    proptest! {
        #[test]
        fn moves_go_along_the_table_and_come_to_rest(
            start in prop::sample::select(Lifecycle::ALL),
            placed in prop::collection::btree_set(0..2_000i64, 0..12),
            looks in prop::collection::btree_set(0..3_000i64, 1..12),
        ) {
            let placed: Vec<_> = placed.into_iter().collect();
            let mut standing = Standing { stage: start, since: None };
            for today in looks {
                let known: Vec<_> = placed.iter().copied().filter(|number| *number <= today).collect();
                let known = orders(&known);
                let mut steps = 0;
                while let Some(due) = due(standing, &known, &policy(), day(today)) {
                    prop_assert!(may_move(standing.stage, due.to), "{} to {}", standing.stage, due.to);
                    prop_assert!(known.contains(&due.order));
                    standing = Standing { stage: due.to, since: Some(due.order.ordered_on) };
                    steps += 1;
                    prop_assert!(steps <= Lifecycle::ALL.len(), "never comes to rest");
                }
            }
        }
    }
}
