use chrono::{DateTime, Days, Utc};
use proptest::prelude::*;
use registry_contract::Stance;
use uuid::Uuid;

use super::*;

fn today() -> NaiveDate {
    "2026-11-25".parse().expect("a day")
}

fn ago(days: u64) -> NaiveDate {
    today() - Days::new(days)
}

fn id<T: From<Uuid>>(number: u8) -> T {
    Uuid::from_u128(u128::from(number)).into()
}

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn position(number: u8, above: Option<u8>, role: Option<DecisionRole>, vote_weight: Option<i32>) -> Position {
    Position {
        id: id(number),
        customer_id: id(200),
        title: format!("seat {number}"),
        level: None,
        reports_to: above.map(id),
        decision_role: role,
        vote_weight,
        closed_on: None,
        version: 1,
        created_at: at(),
        updated_at: at(),
    }
}

fn holding(seat: u8, contact: u8, from: u64, until: Option<u64>) -> Holding {
    Holding {
        id: id(seat.wrapping_mul(16).wrapping_add(contact)),
        contact_id: id(contact),
        position_id: id(seat),
        from: ago(from),
        until: until.map(ago),
        version: 1,
        created_at: at(),
        updated_at: at(),
    }
}

fn setting(opportunity: Option<u8>, seat: u8, employee: Option<&str>) -> ChainSeat {
    ChainSeat {
        customer_id: id(200),
        opportunity_id: opportunity.map(id),
        position_id: id(seat),
        decision_role: None,
        vote_weight: None,
        matching_employee: employee.map(str::to_owned),
        updated_at: at(),
    }
}

fn reading(opportunity: Option<u8>, number: u8, seat: u8, contact: u8, stance: Stance, days: u64) -> StanceReading {
    StanceReading {
        id: id(number),
        customer_id: id(200),
        position_id: id(seat),
        contact_id: id(contact),
        opportunity_id: opportunity.map(id),
        stance,
        read_on: ago(days),
        read_by: "li.wei".into(),
        note: None,
        created_at: at(),
    }
}

fn influence(opportunity: Option<u8>, from: u8, to: u8, strength: i32) -> Influence {
    let (customer_id, opportunity_id) = (id(200), opportunity.map(id));
    Influence { customer_id, opportunity_id, from: id(from), to: id(to), strength, updated_at: at() }
}

fn nothing() -> ChainFacts {
    ChainFacts {
        customer_id: id(200),
        opportunity_id: None,
        as_of: today(),
        positions: vec![],
        holdings: vec![],
        names: HashMap::new(),
        settings: vec![],
        influences: vec![],
        readings: vec![],
        colleagues: ours(&["li.wei", "wang.fang", "zhao.min"].map(|code| (code, true, None))),
    }
}

/// A decider over an approver over a user, each held, the first two matched.
fn three() -> ChainFacts {
    ChainFacts {
        positions: vec![
            position(1, None, Some(DecisionRole::Decider), Some(60)),
            position(2, Some(1), Some(DecisionRole::Approver), Some(30)),
            position(3, Some(2), Some(DecisionRole::User), Some(10)),
        ],
        holdings: vec![holding(1, 11, 500, None), holding(2, 12, 500, None), holding(3, 13, 500, None)],
        settings: vec![setting(None, 1, Some("li.wei")), setting(None, 2, Some("wang.fang"))],
        ..nothing()
    }
}

fn ours(known: &[(&str, bool, Option<i32>)]) -> HashMap<String, Colleague> {
    known
        .iter()
        .map(|(code, is_with_us, rank)| ((*code).to_owned(), Colleague { is_with_us: *is_with_us, rank: *rank }))
        .collect()
}

fn codes(chain: &DecisionChain) -> Vec<&'static str> {
    chain.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn drawn(change: impl FnOnce(&mut ChainFacts)) -> DecisionChain {
    let mut facts = three();
    change(&mut facts);
    draw(&facts)
}

#[test]
fn a_whole_chain_has_no_findings() {
    let chain = draw(&three());
    assert_eq!(codes(&chain), [""; 0]);
    assert_eq!(chain.nodes.iter().map(|node| node.row).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(chain.nodes.iter().map(|node| node.is_key).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!((chain.coverage.matched, chain.coverage.weight_covered), (2, 90));
}

#[test]
fn what_is_wrong_is_found() {
    type Change = fn(&mut ChainFacts);
    let cases: [(Change, &[&str]); 15] = [
        (|f| f.positions.clear(), &["weights_missing", "no_decider"]),
        (|f| f.positions[2].vote_weight = None, &["weights_missing"]),
        (|f| f.positions[2].vote_weight = Some(11), &["weights_over"]),
        (|f| f.positions[0].decision_role = None, &["no_decider"]),
        (
            |f| {
                f.holdings.remove(0);
            },
            &["key_seat_unfilled"],
        ),
        (
            |f| {
                f.holdings.remove(2);
            },
            &[],
        ),
        (|f| f.holdings[0].until = Some(ago(0)), &["key_seat_unfilled", "holder_left"]),
        (|f| f.holdings[2].until = Some(ago(3)), &["holder_left"]),
        (|f| f.settings.clear(), &["key_seat_unmatched", "key_seat_unmatched"]),
        (|f| f.colleagues.clear(), &["matching_employee_unknown", "matching_employee_unknown"]),
        (
            |f| f.colleagues = ours(&[("li.wei", false, Some(1)), ("wang.fang", false, Some(9))]),
            &["matching_employee_left", "matching_employee_left"],
        ),
        (
            |f| {
                f.positions.iter_mut().for_each(|position| position.level = Some(1));
                f.colleagues = ours(&[("li.wei", true, Some(2)), ("wang.fang", true, Some(3))]);
            },
            &["matching_rank_below"],
        ),
        (|f| f.colleagues = ours(&[("li.wei", true, None), ("wang.fang", true, Some(20))]), &[]),
        (|f| f.readings = vec![reading(None, 1, 1, 11, Stance::Neutral, 90)], &[]),
        (|f| f.readings = vec![reading(None, 1, 1, 11, Stance::Neutral, 91)], &["stance_stale"]),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        assert_eq!(codes(&drawn(change)), expected, "case {number}");
    }
}

#[test]
fn whom_nobody_knows_matches_and_covers_nothing() {
    let chain = drawn(|facts| {
        facts.colleagues.remove("li.wei");
    });
    assert_eq!((chain.coverage.matched, chain.coverage.weight_covered), (1, 30));
}

#[test]
fn weights_are_explained() {
    let chain = drawn(|facts| {
        facts.positions[0].vote_weight = None;
        facts.positions[1].vote_weight = Some(40);
    });
    assert_eq!(chain.weights, ChainWeights { sum: 50, missing: 50, over: 0, unweighted: 1 });
    assert_eq!(chain.nodes.iter().map(|node| node.vote_share).collect::<Vec<_>>(), [0.0, 0.8, 0.2]);
    let expected =
        "the vote weights add up to 50: 50 are missing to 100 (seats without a weight: 1); shares are computed of 50";
    assert_eq!(chain.findings[0].message, expected);
}

#[test]
fn a_chain_is_of_its_day() {
    let chain = drawn(|facts| {
        facts.holdings[0].until = Some(ago(30));
        facts.holdings.push(holding(1, 14, 30, None));
        facts.positions[1].closed_on = Some(ago(10));
        facts.readings =
            vec![reading(None, 1, 1, 11, Stance::Champion, 40), reading(None, 2, 1, 14, Stance::Opponent, 5)];
        facts.as_of = ago(31);
    });
    assert_eq!((chain.nodes.len(), chain.nodes[0].stance), (3, Some(Stance::Champion)));
    let chain = drawn(|facts| {
        facts.holdings[0].until = Some(ago(30));
        facts.holdings.push(holding(1, 14, 30, None));
        facts.positions[1].closed_on = Some(ago(10));
        facts.readings =
            vec![reading(None, 1, 1, 11, Stance::Champion, 40), reading(None, 2, 1, 14, Stance::Opponent, 5)];
    });
    // What was read of the one before is nothing of the one now; whoever reported to a closed seat reports above it.
    assert_eq!((chain.nodes.len(), chain.nodes[0].stance), (2, Some(Stance::Opponent)));
    assert_eq!((chain.edges.len(), chain.edges[0].from, chain.edges[0].to), (1, id(3), id(1)));
}

#[test]
fn the_latest_reading_counts_and_of_one_day_the_last() {
    for (readings, expected) in [
        (vec![(1, 20, Stance::Champion), (2, 10, Stance::Sceptic)], Stance::Sceptic),
        (vec![(1, 10, Stance::Sceptic), (2, 20, Stance::Champion)], Stance::Sceptic),
        (vec![(1, 10, Stance::Sceptic), (2, 10, Stance::Champion)], Stance::Champion),
    ] {
        let readings = readings.into_iter().map(|(number, days, stance)| reading(None, number, 1, 11, stance, days));
        let chain = drawn(|facts| facts.readings = readings.collect());
        assert_eq!(chain.nodes[0].stance, Some(expected));
    }
}

#[test]
fn an_opportunity_overrides_what_it_names() {
    let here = |facts: &mut ChainFacts| {
        facts.opportunity_id = Some(id(100));
        facts.influences = vec![influence(None, 3, 1, 2), influence(None, 2, 1, 1)];
        facts.readings = vec![
            reading(Some(100), 1, 1, 11, Stance::Opponent, 60),
            reading(None, 2, 1, 11, Stance::Champion, 1),
            reading(None, 3, 3, 13, Stance::Supporter, 1),
        ];
    };
    let inherited = drawn(here);
    assert_eq!((inherited.nodes.len(), inherited.edges.len()), (3, 4));
    assert_eq!(inherited.nodes[0].stance, Some(Stance::Opponent));
    assert_eq!(inherited.nodes[2].stance, Some(Stance::Supporter));

    let chosen = drawn(|facts| {
        here(facts);
        let user = ChainSeat {
            decision_role: Some(DecisionRole::Buyer),
            vote_weight: Some(40),
            ..setting(Some(100), 3, None)
        };
        facts.settings.extend([setting(Some(100), 1, Some("zhao.min")), user]);
        facts.influences.push(influence(Some(100), 1, 3, -3));
    });
    let seats: Vec<_> =
        chosen.nodes.iter().map(|n| (n.decision_role, n.vote_weight, n.matching_employee.as_deref())).collect();
    assert_eq!(
        seats,
        [(Some(DecisionRole::Decider), Some(60), Some("zhao.min")), (Some(DecisionRole::Buyer), Some(40), None)]
    );
    let edges: Vec<_> =
        chosen.edges.iter().map(|edge| (edge.kind.as_str(), edge.from, edge.to, edge.strength)).collect();
    assert_eq!(edges, [("reports_to", id(3), id(1), None), ("influence", id(1), id(3), Some(-3))]);
}

prop_compose! {
    fn some_seat()(
        role in prop::option::of(prop::sample::select(DecisionRole::ALL)),
        weight in prop::option::of(0..=100_i32),
        above in prop::option::of(0..9_u8),
        closed in prop::option::weighted(0.2, 0..60_u64),
    ) -> (Option<DecisionRole>, Option<i32>, Option<u8>, Option<u64>) {
        (role, weight, above, closed)
    }
}

prop_compose! {
    fn some_facts()(
        seats in prop::collection::vec(some_seat(), 0..10),
        holdings in prop::collection::vec((0..10_u8, 20..25_u8, 0..300_u64, prop::option::of(0..300_u64)), 0..15),
        matches in prop::collection::vec((prop::bool::ANY, 0..10_u8, prop::bool::ANY), 0..10),
        readings in prop::collection::vec((prop::bool::ANY, 0..10_u8, 20..25_u8, 0..300_u64), 0..15),
        for_opportunity in prop::bool::ANY,
    ) -> ChainFacts {
        let chain = |here: bool| here.then_some(100_u8);
        let positions = (0..).zip(seats).map(|(number, (role, weight, above, closed))| Position {
            closed_on: closed.map(ago),
            // Circles do not come from the database; drawing must end all the same.
            ..position(number, above, role, weight)
        });
        let readings = (0..).zip(readings);
        ChainFacts {
            opportunity_id: for_opportunity.then(|| id(100)),
            positions: positions.collect(),
            holdings: holdings.into_iter().map(|(seat, contact, from, until)| holding(seat, contact, from, until)).collect(),
            settings: matches.into_iter().map(|(here, seat, matched)| setting(chain(here), seat, matched.then_some("li.wei"))).collect(),
            readings: readings.map(|(n, (here, seat, contact, days))| reading(chain(here), n, seat, contact, Stance::Neutral, days)).collect(),
            ..nothing()
        }
    }
}

proptest! {
    #[test]
    fn shares_of_vote_are_one_whole_or_nothing(facts in some_facts()) {
        let chain = draw(&facts);
        let shares: f64 = chain.nodes.iter().map(|node| node.vote_share).sum();
        let expected = if chain.weights.sum == 0 { 0.0 } else { 1.0 };
        prop_assert!((shares - expected).abs() < 1e-9, "{shares}");
        prop_assert!(chain.nodes.iter().all(|node| (0.0..=1.0).contains(&node.vote_share)));
    }

    #[test]
    fn coverage_is_what_counting_one_by_one_gives(facts in some_facts()) {
        let chain = draw(&facts);
        let mut expected = ChainCoverage::default();
        let chosen: Vec<_> = facts.settings.iter().filter(|s| s.opportunity_id.is_some() && facts.opportunity_id.is_some()).collect();
        for seat in &facts.positions {
            let is_there = seat.closed_on.is_none_or(|closed| closed > facts.as_of);
            if !is_there || !(chosen.is_empty() || chosen.iter().any(|s| s.position_id == seat.id)) {
                continue;
            }
            let present: Vec<_> = facts.holdings.iter()
                .filter(|h| h.position_id == seat.id && h.from <= facts.as_of && h.until.is_none_or(|until| until > facts.as_of))
                .collect();
            let filled = !present.is_empty();
            let last = |opportunity: Option<OpportunityId>| facts.settings.iter()
                .rfind(|s| s.opportunity_id == opportunity && s.position_id == seat.id)
                .is_some_and(|s| s.matching_employee.is_some());
            let matched = last(None) || facts.opportunity_id.is_some_and(|id| last(Some(id)));
            let read = facts.readings.iter().any(|r| {
                r.position_id == seat.id
                    && r.read_on <= facts.as_of
                    && (r.opportunity_id.is_none() || r.opportunity_id == facts.opportunity_id)
                    && present.iter().any(|h| h.contact_id == r.contact_id)
            });
            let key = seat.vote_weight.unwrap_or(0) >= 15
                || ["decider", "approver", "evaluator", "buyer"].iter().any(|role| seat.decision_role.is_some_and(|r| r.as_str() == *role));
            expected.seats += 1;
            expected.filled += i64::from(filled);
            expected.matched += i64::from(matched);
            expected.with_stance += i64::from(read);
            expected.key_seats += i64::from(key);
            expected.key_seats_covered += i64::from(key && filled && matched && read);
            expected.weight_covered += if filled && matched { seat.vote_weight.unwrap_or(0) } else { 0 };
        }
        prop_assert_eq!(chain.coverage, expected);
    }

    #[test]
    fn every_line_joins_two_seats_of_the_chain(facts in some_facts()) {
        let chain = draw(&facts);
        let ids: HashSet<_> = chain.nodes.iter().map(|node| node.position_id).collect();
        prop_assert!(chain.edges.iter().all(|edge| edge.from != edge.to && ids.contains(&edge.from) && ids.contains(&edge.to)));
    }
}
