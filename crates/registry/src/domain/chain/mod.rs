use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use registry_contract::{
    ChainCoverage, ChainEdge, ChainEdgeKind, ChainHolder, ChainNode, ChainSeat, ChainWeights, ContactId, CustomerId,
    DecisionChain, DecisionRole, Finding, FindingCode, Holding, Influence, OpportunityId, Position, PositionId,
    StanceReading,
};

use super::seat::Span;

/// A seat with at least this vote weight is a key seat, whatever its role: of 100 shared by the five to eight seats that
/// such a chain commonly has, it is more than an equal part.
pub const KEY_WEIGHT: i32 = 15;
/// A stance read longer ago than this many days says little about today.
pub const STALE_AFTER_DAYS: i64 = 90;
/// Peers are of comparable rank (高层对接): who matches a seat may stand this far below it.
pub const RANK_MAY_BE_BELOW: i32 = 1;
const FULL_WEIGHT: i32 = 100;

/// All that is known of a customer's decisions, from which a chain is drawn.
#[derive(Debug, Clone)]
pub struct ChainFacts {
    pub customer_id: CustomerId,
    pub opportunity_id: Option<OpportunityId>,
    pub as_of: NaiveDate,
    /// Every seat there is or was.
    pub positions: Vec<Position>,
    /// Every holding, whenever.
    pub holdings: Vec<Holding>,
    /// Names of the contacts of the holdings.
    pub names: HashMap<ContactId, String>,
    /// What was set of seats in the customer's own chain and in the opportunity's.
    pub settings: Vec<ChainSeat>,
    /// Influence in the customer's own chain and in the opportunity's.
    pub influences: Vec<Influence>,
    /// Readings for the customer's own chain and for the opportunity's, in the order in which they were recorded.
    pub readings: Vec<StanceReading>,
    /// Those of ours who match a seat, by user name, as far as they are known.
    pub colleagues: HashMap<String, Colleague>,
}

/// What is known of one of ours on that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colleague {
    pub is_with_us: bool,
    /// 1 is the top, as of a customer's seats.
    pub rank: Option<i32>,
}

impl ChainFacts {
    fn is_matched(&self, node: &ChainNode) -> bool {
        let colleague = node.matching_employee.as_ref().and_then(|employee| self.colleagues.get(employee));
        colleague.is_some_and(|known| known.is_with_us)
    }
}

/// Draws the chain. An opportunity that has chosen seats has only those, and one that has influence of its own has only
/// that; otherwise it has the customer's. What it says of a seat goes before what the seat itself says, and what was
/// read of a person for it goes before what was read otherwise, however much later.
pub fn draw(facts: &ChainFacts) -> DecisionChain {
    let seats = seats_of(facts);
    let rows = rows(&seats);
    let sum: i32 = seats.iter().filter_map(|seat| seat.vote_weight).sum();
    let mut nodes: Vec<_> = seats.iter().map(|seat| node(facts, seat, rows[&seat.position.id], sum)).collect();
    nodes.sort_by_key(|node| node.row);
    let weights = ChainWeights {
        sum,
        missing: (FULL_WEIGHT - sum).max(0),
        over: (sum - FULL_WEIGHT).max(0),
        unweighted: count(&nodes, |node| node.vote_weight.is_none()),
    };
    DecisionChain {
        customer_id: facts.customer_id,
        opportunity_id: facts.opportunity_id,
        as_of: facts.as_of,
        edges: edges(facts, &seats),
        weights,
        coverage: coverage(facts, &nodes),
        findings: findings(facts, &nodes, weights),
        nodes,
    }
}

/// A seat of the chain, with what counts of it there.
struct Seat<'a> {
    position: &'a Position,
    /// The nearest seat above that is in the chain.
    above: Option<PositionId>,
    decision_role: Option<DecisionRole>,
    vote_weight: Option<i32>,
    matching_employee: Option<&'a str>,
}

fn seats_of<'a>(facts: &'a ChainFacts) -> Vec<Seat<'a>> {
    let settings = |opportunity: Option<OpportunityId>| -> HashMap<PositionId, &'a ChainSeat> {
        let of_chain = facts.settings.iter().filter(|setting| setting.opportunity_id == opportunity);
        of_chain.map(|setting| (setting.position_id, setting)).collect()
    };
    let own = settings(None);
    let chosen = facts.opportunity_id.map(|id| settings(Some(id))).unwrap_or_default();
    let is_in = |position: &&Position| {
        let is_there = position.closed_on.is_none_or(|closed| facts.as_of < closed);
        is_there && (chosen.is_empty() || chosen.contains_key(&position.id))
    };
    let within: HashSet<PositionId> = facts.positions.iter().filter(is_in).map(|position| position.id).collect();
    let superiors: HashMap<PositionId, Option<PositionId>> =
        facts.positions.iter().map(|position| (position.id, position.reports_to)).collect();
    let seat = |position: &'a Position| {
        let (own, here) = (own.get(&position.id), chosen.get(&position.id));
        Seat {
            position,
            above: nearest_above(position.id, &superiors, &within),
            decision_role: here.and_then(|here| here.decision_role).or(position.decision_role),
            vote_weight: here.and_then(|here| here.vote_weight).or(position.vote_weight),
            matching_employee: here
                .and_then(|here| here.matching_employee.as_deref())
                .or_else(|| own.and_then(|own| own.matching_employee.as_deref())),
        }
    };
    facts.positions.iter().filter(is_in).map(seat).collect()
}

fn nearest_above(
    from: PositionId,
    superiors: &HashMap<PositionId, Option<PositionId>>,
    within: &HashSet<PositionId>,
) -> Option<PositionId> {
    let line =
        std::iter::successors(superiors.get(&from).copied().flatten(), |id| superiors.get(id).copied().flatten());
    line.take(superiors.len()).find(|id| within.contains(id) && *id != from)
}

/// The row of each seat: 1 at the top.
fn rows(seats: &[Seat<'_>]) -> HashMap<PositionId, i32> {
    let above: HashMap<PositionId, Option<PositionId>> =
        seats.iter().map(|seat| (seat.position.id, seat.above)).collect();
    let depth = |id: PositionId| {
        std::iter::successors(Some(id), |id| above.get(id).copied().flatten())
            .take(seats.len())
            .fold(0, |row, _| row + 1)
    };
    seats.iter().map(|seat| (seat.position.id, depth(seat.position.id))).collect()
}

fn node(facts: &ChainFacts, seat: &Seat<'_>, row: i32, sum: i32) -> ChainNode {
    let holders = holders(facts, seat.position.id);
    let latest = holders.iter().filter_map(|holder| holder.stance.as_ref()).max_by_key(|reading| order(reading));
    ChainNode {
        position_id: seat.position.id,
        title: seat.position.title.clone(),
        level: seat.position.level,
        row,
        decision_role: seat.decision_role,
        vote_weight: seat.vote_weight,
        vote_share: match sum {
            0 => 0.0,
            sum => f64::from(seat.vote_weight.unwrap_or(0)) / f64::from(sum),
        },
        is_key: is_key(seat.decision_role, seat.vote_weight),
        stance: latest.map(|reading| reading.stance),
        holders,
        matching_employee: seat.matching_employee.map(str::to_owned),
    }
}

fn is_key(role: Option<DecisionRole>, weight: Option<i32>) -> bool {
    let by_role = match role {
        Some(DecisionRole::Decider | DecisionRole::Approver | DecisionRole::Evaluator | DecisionRole::Buyer) => true,
        Some(DecisionRole::User | DecisionRole::Influencer | DecisionRole::Gatekeeper) | None => false,
    };
    by_role || weight.is_some_and(|weight| weight >= KEY_WEIGHT)
}

fn span(holding: &Holding) -> Span {
    Span { from: holding.from, until: holding.until }
}

fn holders(facts: &ChainFacts, position: PositionId) -> Vec<ChainHolder> {
    let present = facts.holdings.iter().filter(|h| h.position_id == position && span(h).contains(facts.as_of));
    let holder = |holding: &Holding| ChainHolder {
        contact_id: holding.contact_id,
        name: facts.names.get(&holding.contact_id).cloned().unwrap_or_default(),
        from: holding.from,
        until: holding.until,
        stance: reading_that_counts(facts, position, holding.contact_id).cloned(),
    };
    present.map(holder).collect()
}

fn order(reading: &StanceReading) -> (NaiveDate, chrono::DateTime<chrono::Utc>, registry_contract::StanceId) {
    (reading.read_on, reading.created_at, reading.id)
}

fn reading_that_counts(facts: &ChainFacts, position: PositionId, contact: ContactId) -> Option<&StanceReading> {
    let latest = |opportunity: Option<OpportunityId>| {
        let of_holder = facts.readings.iter().filter(|r| r.position_id == position && r.contact_id == contact);
        of_holder
            .filter(|r| r.opportunity_id == opportunity && r.read_on <= facts.as_of)
            .max_by_key(|reading| order(reading))
    };
    facts.opportunity_id.and_then(|id| latest(Some(id))).or_else(|| latest(None))
}

fn edges(facts: &ChainFacts, seats: &[Seat<'_>]) -> Vec<ChainEdge> {
    let within: HashSet<PositionId> = seats.iter().map(|seat| seat.position.id).collect();
    let has_own = facts.opportunity_id.is_some() && facts.influences.iter().any(|i| i.opportunity_id.is_some());
    let counts = |influence: &&Influence| {
        let of_chain =
            if has_own { influence.opportunity_id == facts.opportunity_id } else { influence.opportunity_id.is_none() };
        of_chain && within.contains(&influence.from) && within.contains(&influence.to)
    };
    let reports = seats.iter().filter_map(|seat| {
        let (from, to) = (seat.position.id, seat.above?);
        Some(ChainEdge { kind: ChainEdgeKind::ReportsTo, from, to, strength: None })
    });
    let influence = facts.influences.iter().filter(counts).map(|influence| ChainEdge {
        kind: ChainEdgeKind::Influence,
        from: influence.from,
        to: influence.to,
        strength: Some(influence.strength),
    });
    reports.chain(influence).collect()
}

fn count(nodes: &[ChainNode], that: impl Fn(&&ChainNode) -> bool) -> i64 {
    i64::try_from(nodes.iter().filter(that).count()).unwrap_or(i64::MAX)
}

fn coverage(facts: &ChainFacts, nodes: &[ChainNode]) -> ChainCoverage {
    let is_filled = |node: &&ChainNode| !node.holders.is_empty();
    let is_matched = |node: &&ChainNode| facts.is_matched(node);
    let is_met = |node: &&ChainNode| is_filled(node) && is_matched(node);
    ChainCoverage {
        seats: count(nodes, |_| true),
        filled: count(nodes, is_filled),
        matched: count(nodes, is_matched),
        with_stance: count(nodes, |node| node.stance.is_some()),
        key_seats: count(nodes, |node| node.is_key),
        key_seats_covered: count(nodes, |node| node.is_key && is_met(node) && node.stance.is_some()),
        weight_covered: nodes.iter().filter(is_met).filter_map(|node| node.vote_weight).sum(),
    }
}

fn findings(facts: &ChainFacts, nodes: &[ChainNode], weights: ChainWeights) -> Vec<Finding> {
    let mut found = Vec::new();
    let whole = |code, message| Finding { code, position_id: None, contact_id: None, message };
    let ChainWeights { sum, missing, over, unweighted } = weights;
    if missing > 0 {
        let message = format!(
            "the vote weights add up to {sum}: {missing} are missing to {FULL_WEIGHT} (seats without a weight: {unweighted}); \
             shares are computed of {sum}"
        );
        found.push(whole(FindingCode::WeightsMissing, message));
    }
    if over > 0 {
        let message =
            format!("the vote weights add up to {sum}, {over} more than {FULL_WEIGHT}; shares are computed of {sum}");
        found.push(whole(FindingCode::WeightsOver, message));
    }
    if !nodes.iter().any(|node| node.decision_role == Some(DecisionRole::Decider)) {
        found.push(whole(FindingCode::NoDecider, "no seat of the chain decides".to_owned()));
    }
    found.extend(nodes.iter().flat_map(|node| findings_of(facts, node)));
    found
}

fn findings_of(facts: &ChainFacts, node: &ChainNode) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |code, contact_id, message: String| {
        found.push(Finding { code, position_id: Some(node.position_id), contact_id, message });
    };
    let former = facts.holdings.iter().filter(|h| h.position_id == node.position_id && h.from <= facts.as_of);
    let left = former.filter_map(|holding| Some((holding.until?, holding.contact_id))).max();
    if node.holders.is_empty() {
        if node.is_key {
            add(FindingCode::KeySeatUnfilled, None, "nobody holds this key seat".to_owned());
        }
        if let Some((day, contact)) = left {
            add(FindingCode::HolderLeft, Some(contact), format!("its holder left on {day}, and nobody followed"));
        }
    }
    if node.is_key && node.matching_employee.is_none() {
        add(FindingCode::KeySeatUnmatched, None, "nobody of ours matches this key seat".to_owned());
    }
    if let Some(employee) = &node.matching_employee {
        match facts.colleagues.get(employee) {
            None => {
                let message = format!("{employee}, who is to match this seat, is no employee that we know");
                add(FindingCode::MatchingEmployeeUnknown, None, message);
            }
            Some(colleague) if !colleague.is_with_us => {
                let message = format!("{employee}, who matched this seat, is not with us");
                add(FindingCode::MatchingEmployeeLeft, None, message);
            }
            Some(colleague) => {
                if let (Some(rank), Some(level)) = (colleague.rank, node.level)
                    && rank > level + RANK_MAY_BE_BELOW
                {
                    let message =
                        format!("{employee} ranks more than {RANK_MAY_BE_BELOW} below the seat's level of {level}");
                    add(FindingCode::MatchingRankBelow, None, message);
                }
            }
        }
    }
    for holder in &node.holders {
        let Some(reading) = &holder.stance else { continue };
        let days = (facts.as_of - reading.read_on).num_days();
        if days > STALE_AFTER_DAYS {
            let message = format!("the stance was read {days} days before, which is more than {STALE_AFTER_DAYS}");
            add(FindingCode::StanceStale, Some(holder.contact_id), message);
        }
    }
    found
}

#[cfg(test)]
mod tests;
