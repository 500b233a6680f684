use scoring_contract::{Reason, ScorePolicy, ScoreSide};

use super::engagement::{Counts, Parts};
use super::satisfaction::Experience;
use super::score::points;

/// How many are told.
const STRONGEST: usize = 6;

/// The strongest, strongest first; equally strong ones by code.
pub fn reasons(counts: &Counts, parts: &Parts, experience: &Experience, policy: &ScorePolicy) -> Vec<Reason> {
    let mut reasons = engagement(counts, parts, policy);
    reasons.extend(satisfaction(experience));
    reasons.sort_by(|a, b| b.effect.abs().cmp(&a.effect.abs()).then_with(|| a.code.cmp(&b.code)));
    reasons.truncate(STRONGEST);
    reasons
}

fn engagement(counts: &Counts, parts: &Parts, policy: &ScorePolicy) -> Vec<Reason> {
    let full = &policy.engagement;
    let window = policy.window_days;
    let Counts { cadence, people_met, people_known, contact_days, depth, judged, .. } = *counts;
    let breadth = match counts.seats_known {
        0 => format!("people met in {window} days: {people_met} of {people_known}"),
        known => {
            let met = counts.seats_met;
            format!(
                "met in {window} days: {people_met} of {people_known} people, {met} of {known} seats of the decision chain"
            )
        }
    };
    let recency = match counts.last_contact_at {
        Some(at) => format!("last contact on {}", at.date_naive()),
        None => "no contact yet".to_owned(),
    };
    let frequency = format!("days with contact in {window} days: {contact_days}; the tier asks for {cadence}");
    let depth = format!("depth of contact: {depth}; the tier asks for {}", cadence * policy.depth.routine);
    let balance = counts.outcome_balance;
    let outcome = format!("interactions judged: {judged}; {balance:+} against neutral");
    [
        part("breadth", parts.breadth, full.breadth, breadth),
        part("frequency", parts.frequency, full.frequency, frequency),
        part("recency", parts.recency, full.recency, recency),
        part("depth", parts.depth, full.depth, depth),
        part("outcome", parts.outcome, full.outcome, outcome),
    ]
    .into()
}

/// What is there where it is at least half, what is missing where it is less.
fn part(name: &str, thousandths: i64, full: i64, text: String) -> Reason {
    let reached = points(thousandths);
    let strong = thousandths * 2 >= full * 1000;
    let (word, effect) = if strong { ("strong", reached) } else { ("weak", reached - full) };
    Reason { code: format!("{name}-{word}"), about: ScoreSide::Engagement, effect, text }
}

fn satisfaction(experience: &Experience) -> Vec<Reason> {
    let Experience { complaints, open, late, reopened, effects, .. } = experience;
    if *complaints == 0 {
        return vec![reason("complaints-none", 0, "no complaint to judge by".to_owned())];
    }
    [
        reason("complaints-received", effects.received, format!("complaints: {complaints}")),
        reason("complaints-late", effects.late, format!("complaints with a deadline missed: {late}")),
        reason("complaints-reopened", effects.reopened, format!("complaints reopened: {reopened}")),
        reason("complaints-open", effects.open, format!("complaints open: {open}")),
        reason("complaints-recovered", effects.recovered, "complaints settled in time".to_owned()),
    ]
    .into_iter()
    .filter(|reason| reason.effect != 0)
    .collect()
}

fn reason(code: &str, thousandths: i64, text: String) -> Reason {
    // A hundred points are the scale: more than that can be lost no further.
    let effect = points(thousandths).clamp(-100, 100);
    Reason { code: code.to_owned(), about: ScoreSide::Satisfaction, effect, text }
}
