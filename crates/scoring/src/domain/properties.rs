//! What holds of every score, whatever the facts.

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::v1::{ComplaintFact, InTime};
use complaints_contract::{Channel, State};
use interactions_contract::v1::InteractionFact;
use interactions_contract::{InteractionChannel, Means};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use registry_contract::v1::{ContactFact, CustomerFact, HoldingFact, PositionFact};
use registry_contract::{ContactId, CustomerId, CustomerKind, DecisionRole, Lifecycle, PositionId, Tier};
use uuid::Uuid;

use super::{Computed, Facts, current, score};

fn as_of() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().expect("an instant")
}

fn computed(facts: &Facts) -> Computed {
    score(facts, &current(), as_of())
}

fn customer(tier: Tier) -> CustomerFact {
    CustomerFact {
        customer_id: customer_id(),
        sequence: 1,
        code: "C-000001".to_owned(),
        name: None,
        kind: CustomerKind::Enterprise,
        tier,
        lifecycle: Lifecycle::Repeat,
        owner: None,
        parent_id: None,
        external_ids: vec![],
        roles: vec![],
        country: None,
        region_code: None,
        industry_code: None,
        language: None,
    }
}

fn customer_id() -> CustomerId {
    Uuid::from_u128(1).into()
}

fn contact_id(number: u8) -> ContactId {
    Uuid::from_u128(100 + u128::from(number)).into()
}

fn position_id(number: u8) -> PositionId {
    Uuid::from_u128(1_000 + u128::from(number)).into()
}

prop_compose! {
    fn interaction()(
        id in any::<u128>(),
        // Up to two years back, and a little ahead.
        minutes in -10_i64..1_051_200,
        channel in select(InteractionChannel::ALL),
        means in select(Means::ALL),
        outcome in option::of(0_i16..=4),
        people in subsequence((0..6_u8).collect::<Vec<_>>(), 0..=6),
    ) -> InteractionFact {
        InteractionFact {
            interaction_id: Uuid::from_u128(id).into(),
            customer_id: customer_id(),
            sequence: 1,
            occurred_at: as_of() - TimeDelta::minutes(minutes),
            channel,
            means,
            outcome,
            contact_ids: people.into_iter().map(contact_id).collect(),
            staff: vec![],
        }
    }
}

fn in_time() -> impl Strategy<Value = InTime> {
    let kept = || option::of(any::<bool>());
    (kept(), kept(), kept()).prop_map(|(acknowledge, respond, resolve)| InTime { acknowledge, respond, resolve })
}

prop_compose! {
    fn complaint()(
        id in any::<u128>(),
        state in select(State::ALL),
        severity in 1_i16..=4,
        safety in any::<bool>(),
        hours in 0_i64..20_000,
        worked_hours in option::of(0_i64..2_000),
        reopened_count in 0_i32..4,
        in_time in in_time(),
    ) -> ComplaintFact {
        let received_at = as_of() - TimeDelta::hours(hours);
        ComplaintFact {
            complaint_id: Uuid::from_u128(id).into(),
            number: "CP-2026-000001".to_owned(),
            customer_id: Some(customer_id()),
            sequence: 1,
            state,
            severity,
            safety,
            channel: Channel::Phone,
            received_at,
            acknowledged_at: None,
            first_responded_at: None,
            resolved_at: worked_hours.map(|hours| received_at + TimeDelta::hours(hours)),
            closed_at: None,
            reopened_count,
            contained_at: None,
            accepted_at: None,
            restricted: false,
            in_time,
        }
    }
}

prop_compose! {
    fn holding()(contact in 0..6_u8, position in 0..4_u8, from in 0_i64..900, until in option::of(0_i64..900)) -> HoldingFact {
        let day = |ago| (as_of() - TimeDelta::days(ago)).date_naive();
        HoldingFact {
            holding_id: Uuid::from_u128(10_000 + u128::from(contact) * 10 + u128::from(position)).into(),
            contact_id: contact_id(contact),
            position_id: position_id(position),
            customer_id: customer_id(),
            from: day(from),
            until: until.map(day),
            sequence: 1,
        }
    }
}

prop_compose! {
    fn facts()(
        tier in select(Tier::ALL),
        contacts in subsequence((0..6_u8).collect::<Vec<_>>(), 0..=6),
        roles in vec(option::of(select(DecisionRole::ALL)), 0..4),
        holdings in vec(holding(), 0..6),
        interactions in vec(interaction(), 0..40),
        complaints in vec(complaint(), 0..8),
    ) -> Facts {
        let contact = |number| ContactFact { contact_id: contact_id(number), customer_id: customer_id(), sequence: 1 };
        let position = |(number, decision_role)| PositionFact {
            position_id: position_id(number),
            customer_id: customer_id(),
            sequence: 1,
            decision_role,
            vote_weight: None,
            level: None,
            reports_to: None,
            closed_on: None,
        };
        Facts {
            customer: customer(tier),
            contacts: contacts.into_iter().map(contact).collect(),
            positions: (0..).zip(roles).map(position).collect(),
            holdings,
            interactions,
            complaints,
        }
    }
}

proptest! {
    #[test]
    fn every_number_is_within_its_range(facts in facts()) {
        let score = computed(&facts);
        prop_assert!((0..=100).contains(&score.engagement), "{score:?}");
        prop_assert!((0..=100).contains(&score.satisfaction), "{score:?}");
        prop_assert!(score.reasons.iter().all(|reason| (-100..=100).contains(&reason.effect)), "{score:?}");
        prop_assert!(score.reasons.len() <= 6);
        let inputs = &score.inputs;
        prop_assert!(inputs.people_met <= inputs.people_known);
        prop_assert!(inputs.seats_met <= inputs.seats_known);
        prop_assert!(inputs.contact_days <= inputs.interactions);
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(facts in facts()) {
        let mut turned = facts.clone();
        turned.contacts.reverse();
        turned.positions.reverse();
        turned.holdings.reverse();
        turned.interactions.reverse();
        turned.complaints.reverse();
        prop_assert_eq!(computed(&facts), computed(&turned));
    }

    #[test]
    fn another_good_interaction_never_lowers_engagement(facts in facts(), interaction in interaction(), outcome in 2_i16..=4) {
        let mut more = facts.clone();
        more.interactions.push(InteractionFact { outcome: Some(outcome), ..interaction });
        let (before, after) = (computed(&facts), computed(&more));
        prop_assert!(after.engagement >= before.engagement, "{before:?}\n{after:?}");
        prop_assert_eq!(after.satisfaction, before.satisfaction);
    }

    #[test]
    fn a_better_outcome_never_lowers_engagement(facts in facts(), interaction in interaction(), outcome in 0_i16..4) {
        let judged = |outcome| {
            let mut facts = facts.clone();
            facts.interactions.push(InteractionFact { outcome: Some(outcome), ..interaction.clone() });
            computed(&facts).engagement
        };
        prop_assert!(judged(outcome + 1) >= judged(outcome));
    }

    #[test]
    fn another_late_complaint_never_raises_satisfaction(facts in facts(), complaint in complaint()) {
        let mut more = facts.clone();
        let in_time = InTime { resolve: Some(false), ..complaint.in_time };
        more.complaints.push(ComplaintFact { in_time, ..complaint });
        let (before, after) = (computed(&facts), computed(&more));
        prop_assert!(after.satisfaction <= before.satisfaction, "{before:?}\n{after:?}");
        prop_assert_eq!(after.engagement, before.engagement);
    }

    #[test]
    fn a_complaint_that_is_worse_in_any_way_never_raises_satisfaction(facts in facts(), complaint in complaint()) {
        let satisfied = |complaint: ComplaintFact| {
            let mut facts = facts.clone();
            facts.complaints.push(complaint);
            computed(&facts).satisfaction
        };
        let as_it_is = satisfied(complaint.clone());
        let worse = [
            ComplaintFact { severity: (complaint.severity - 1).max(1), ..complaint.clone() },
            ComplaintFact { safety: true, ..complaint.clone() },
            ComplaintFact { reopened_count: complaint.reopened_count + 1, ..complaint.clone() },
            ComplaintFact { in_time: InTime { respond: Some(false), ..complaint.in_time }, ..complaint },
        ];
        for worse in worse {
            prop_assert!(satisfied(worse.clone()) <= as_it_is, "{worse:?}");
        }
    }

    #[test]
    fn a_higher_tier_never_gets_more_for_the_same(facts in facts()) {
        let engaged = |tier| computed(&Facts { customer: customer(tier), ..facts.clone() }).engagement;
        // The outcome part asks a higher tier for more evidence in both directions.
        prop_assume!(computed(&facts).inputs.outcome_balance >= 0);
        prop_assert!(engaged(Tier::S) <= engaged(Tier::A));
        prop_assert!(engaged(Tier::A) <= engaged(Tier::B));
        prop_assert!(engaged(Tier::B) <= engaged(Tier::C));
    }
}
