use chrono::{DateTime, Utc};
use scoring_contract::{Confidence, Level, Reason, Score, ScoreInputs, ScorePolicy};

use super::engagement::{Counts, Parts};
use super::facts::Facts;
use super::policy;
use super::reasons::reasons;
use super::satisfaction::Experience;

/// All of a score that follows from facts, policy and instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    pub engagement: i64,
    pub satisfaction: i64,
    pub level: Level,
    pub confidence: Confidence,
    pub satisfaction_confidence: Confidence,
    pub inputs: ScoreInputs,
    pub reasons: Vec<Reason>,
    pub policy_version: String,
}

impl From<&Score> for Computed {
    fn from(score: &Score) -> Self {
        Self {
            engagement: score.engagement,
            satisfaction: score.satisfaction,
            level: score.level,
            confidence: score.confidence,
            satisfaction_confidence: score.satisfaction_confidence,
            inputs: score.inputs.clone(),
            reasons: score.reasons.clone(),
            policy_version: score.policy_version.clone(),
        }
    }
}

/// See the module's documentation for the formula.
pub fn score(facts: &Facts, policy: &ScorePolicy, as_of: DateTime<Utc>) -> Computed {
    let counts = Counts::of(facts, policy, as_of);
    let parts = Parts::of(&counts, policy, as_of);
    let experience = Experience::of(&facts.complaints, policy, as_of);
    let engagement = points(parts.sum());
    let satisfaction = points(experience.satisfaction(policy));
    let limits = &policy.confidence;
    Computed {
        engagement,
        satisfaction,
        level: policy::level(policy, engagement, satisfaction),
        confidence: confidence(counts.contact_days, limits.contact_days_medium, limits.contact_days_high),
        satisfaction_confidence: confidence(experience.complaints, limits.complaints_medium, limits.complaints_high),
        reasons: reasons(&counts, &parts, &experience, policy),
        inputs: inputs(facts, counts, experience),
        policy_version: policy.version.clone(),
    }
}

fn inputs(facts: &Facts, counts: Counts, experience: Experience) -> ScoreInputs {
    ScoreInputs {
        tier: facts.customer.tier,
        cadence: counts.cadence,
        people_known: counts.people_known,
        people_met: counts.people_met,
        seats_known: counts.seats_known,
        seats_met: counts.seats_met,
        interactions: counts.interactions,
        contact_days: counts.contact_days,
        depth: counts.depth,
        judged: counts.judged,
        outcome_balance: counts.outcome_balance,
        last_contact_at: counts.last_contact_at,
        complaints: experience.complaints,
        complaints_open: experience.open,
        complaints_late: experience.late,
        complaints_reopened: experience.reopened,
        last_complaint_at: experience.last_received_at,
    }
}

fn confidence(evidence: i64, medium: i64, high: i64) -> Confidence {
    if evidence >= high {
        Confidence::High
    } else if evidence >= medium {
        Confidence::Medium
    } else {
        Confidence::Low
    }
}

/// Whole points from thousandths, half away from zero.
pub fn points(thousandths: i64) -> i64 {
    (thousandths + 500 * thousandths.signum()) / 1000
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use complaints_contract::v1::{ComplaintFact, InTime};
    use complaints_contract::{Channel, ComplaintId, State};
    use interactions_contract::v1::InteractionFact;
    use interactions_contract::{InteractionChannel, InteractionId, Means};
    use registry_contract::v1::{ContactFact, CustomerFact};
    use registry_contract::{ContactId, CustomerId, CustomerKind, Lifecycle, Tier};

    use super::*;
    use crate::domain::current;

    fn now() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().expect("an instant")
    }

    fn facts(tier: Tier) -> Facts {
        Facts::of(CustomerFact {
            customer_id: CustomerId::new(),
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
        })
    }

    fn visit(facts: &Facts, days_ago: i64, outcome: Option<i16>, contact_ids: Vec<ContactId>) -> InteractionFact {
        InteractionFact {
            interaction_id: InteractionId::new(),
            customer_id: facts.customer.customer_id,
            sequence: 1,
            occurred_at: now() - TimeDelta::days(days_ago),
            channel: InteractionChannel::Visit,
            means: Means::RoutineVisit,
            outcome,
            contact_ids,
            staff: vec![],
        }
    }

    fn complaint(facts: &Facts, severity: i16, state: State, in_time: InTime) -> ComplaintFact {
        ComplaintFact {
            complaint_id: ComplaintId::new(),
            number: "CP-2026-000001".to_owned(),
            customer_id: Some(facts.customer.customer_id),
            sequence: 1,
            state,
            severity,
            safety: false,
            channel: Channel::Phone,
            received_at: now() - TimeDelta::days(3),
            acknowledged_at: None,
            first_responded_at: None,
            resolved_at: matches!(state, State::Resolved | State::Closed).then(now),
            closed_at: None,
            reopened_count: 0,
            contained_at: None,
            accepted_at: None,
            restricted: false,
            in_time,
        }
    }

    fn of(facts: &Facts) -> Computed {
        score(facts, &current(), now())
    }

    fn codes(computed: &Computed) -> Vec<(&str, i64)> {
        computed.reasons.iter().map(|reason| (reason.code.as_str(), reason.effect)).collect()
    }

    #[test]
    fn of_whom_nothing_is_known_is_not_engaged_and_neither_content_nor_not() {
        let computed = of(&facts(Tier::S));
        assert_eq!((computed.engagement, computed.satisfaction, computed.level), (0, 75, Level::L1));
        assert_eq!((computed.confidence, computed.satisfaction_confidence), (Confidence::Low, Confidence::Low));
        assert_eq!(
            codes(&computed),
            [
                ("frequency-weak", -30),
                ("breadth-weak", -25),
                ("depth-weak", -20),
                ("recency-weak", -15),
                ("outcome-weak", -10),
                ("complaints-none", 0),
            ]
        );
    }

    /// C asks for 2 days and a depth of 8 a year. One routine visit (4) within the last half-year, to one of two people,
    /// judged good: 12.5 + 15 + 15 + 10 + 10.
    #[test]
    fn one_good_visit_to_a_general_customer() {
        let mut facts = facts(Tier::C);
        let (met, unmet) = (ContactId::new(), ContactId::new());
        let customer_id = facts.customer.customer_id;
        facts.contacts = [met, unmet].map(|contact_id| ContactFact { contact_id, customer_id, sequence: 1 }).into();
        facts.interactions = vec![visit(&facts, 182, Some(3), vec![met])];
        let computed = of(&facts);
        assert_eq!((computed.engagement, computed.level), (63, Level::L4));
        assert_eq!(
            codes(&computed),
            [
                ("frequency-strong", 15),
                ("recency-strong", 15),
                ("breadth-strong", 13),
                ("depth-strong", 10),
                ("outcome-strong", 10),
                ("complaints-none", 0),
            ]
        );
    }

    #[test]
    fn many_contacts_of_one_day_are_one() {
        let mut facts = facts(Tier::S);
        facts.interactions = vec![visit(&facts, 10, None, vec![]); 5];
        let inputs = of(&facts).inputs;
        assert_eq!((inputs.interactions, inputs.contact_days, inputs.depth), (5, 1, 4));
    }

    #[test]
    fn what_was_more_than_a_year_ago_counts_for_the_last_contact_only() {
        let mut facts = facts(Tier::S);
        facts.interactions = vec![visit(&facts, 365, Some(4), vec![ContactId::new()])];
        let computed = of(&facts);
        assert_eq!((computed.engagement, computed.inputs.interactions), (0, 0));
        assert_eq!(computed.inputs.last_contact_at, Some(now() - TimeDelta::days(365)));
    }

    #[test]
    fn a_complaint_costs_and_its_good_end_pays_back() {
        let kept = InTime { acknowledge: Some(true), respond: Some(true), resolve: Some(true) };
        let missed = InTime { respond: Some(false), ..kept };
        let open = InTime { resolve: None, ..kept };
        for (severity, state, in_time, expected) in [
            (1, State::Received, InTime::default(), 45),
            (2, State::Received, InTime::default(), 58),
            (3, State::Received, InTime::default(), 66),
            (4, State::Received, InTime::default(), 71),
            (3, State::Responded, open, 66),
            (3, State::Responded, InTime { respond: Some(false), ..open }, 63),
            (3, State::Resolved, kept, 78),
            (3, State::Resolved, missed, 65),
            (3, State::Resolved, InTime::default(), 68),
            (1, State::Withdrawn, missed, 75),
        ] {
            let mut facts = facts(Tier::S);
            facts.complaints = vec![complaint(&facts, severity, state, in_time)];
            let satisfaction = of(&facts).satisfaction;
            assert_eq!(satisfaction, expected, "severity {severity}, {state}, {in_time:?}");
        }
    }

    #[test]
    fn a_hurt_customer_is_not_at_the_highest_levels() {
        let mut facts = facts(Tier::C);
        facts.interactions = (0..10).map(|week| visit(&facts, week * 7, Some(4), vec![ContactId::new()])).collect();
        assert_eq!(of(&facts).level, Level::L5);
        facts.complaints = vec![complaint(&facts, 1, State::Received, InTime::default()); 2];
        let hurt = of(&facts);
        assert_eq!((hurt.engagement, hurt.satisfaction, hurt.level), (100, 15, Level::L2));
        assert_eq!(hurt.satisfaction_confidence, Confidence::Medium);
    }
}
