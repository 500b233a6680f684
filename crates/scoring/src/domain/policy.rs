use interactions_contract::{InteractionChannel, Means};
use registry_contract::Tier;
use scoring_contract::{
    Cadence, ComplaintWeights, ConfidenceThresholds, DepthWeights, EngagementWeights, Level, ScorePolicy,
};

/// Every version scores were computed with, newest first.
pub fn policies() -> Vec<ScorePolicy> {
    vec![current()]
}

/// The version scores are computed with now.
pub fn current() -> ScorePolicy {
    ScorePolicy {
        version: "engagement-v1".to_owned(),
        current: true,
        cadence: Cadence { s: 26, a: 12, b: 6, c: 2 },
        window_days: 365,
        engagement: EngagementWeights { breadth: 25, seats: 10, frequency: 30, recency: 15, depth: 20, outcome: 10 },
        depth: DepthWeights { executive_meeting: 10, five_means: 8, gathering: 6, routine: 4, call: 2, written: 1 },
        neutral_satisfaction: 75,
        half_life_days: 180,
        complaints: ComplaintWeights {
            loss: [24_000, 14_000, 7_000, 3_000],
            late_percent: 40,
            reopened_percent: 50,
            open_percent: 25,
            recovered: 3_000,
        },
        levels: [20, 40, 60, 80],
        confidence: ConfidenceThresholds {
            contact_days_medium: 3,
            contact_days_high: 12,
            complaints_medium: 1,
            complaints_high: 4,
        },
    }
}

pub fn cadence(policy: &ScorePolicy, tier: Tier) -> i64 {
    match tier {
        Tier::S => policy.cadence.s,
        Tier::A => policy.cadence.a,
        Tier::B => policy.cadence.b,
        Tier::C => policy.cadence.c,
    }
}

/// How deep an interaction goes.
pub fn depth(weights: &DepthWeights, means: Means, channel: InteractionChannel) -> i64 {
    let in_person = match means {
        Means::ExecutiveMeeting => weights.executive_meeting,
        Means::CompanyVisit
        | Means::ShowcaseVisit
        | Means::OnSiteMeeting
        | Means::TechnicalExchange
        | Means::ManagementStudy => weights.five_means,
        Means::AnnualMeeting | Means::Summit | Means::ServiceForum | Means::Training => weights.gathering,
        Means::RoutineVisit | Means::SurveyVisit | Means::Hotline => weights.routine,
    };
    match channel {
        InteractionChannel::Visit | InteractionChannel::Event => in_person,
        InteractionChannel::Video => (in_person * 3 + 3) / 4,
        InteractionChannel::Call => in_person.min(weights.call),
        InteractionChannel::Email | InteractionChannel::Im | InteractionChannel::Web | InteractionChannel::Portal => {
            in_person.min(weights.written)
        }
    }
}

pub fn level(policy: &ScorePolicy, engagement: i64, satisfaction: i64) -> Level {
    const LEVELS: [Level; 5] = [Level::L1, Level::L2, Level::L3, Level::L4, Level::L5];
    let step = |points: i64| policy.levels.iter().filter(|from| points >= **from).count();
    let reached = step(engagement).min(step(satisfaction) + 1);
    LEVELS[reached.min(4)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_engagement_add_up_to_a_hundred() {
        let parts = current().engagement;
        assert_eq!(parts.breadth + parts.frequency + parts.recency + parts.depth + parts.outcome, 100);
        assert!(parts.seats <= parts.breadth);
    }

    #[test]
    fn an_executive_meeting_goes_deeper_than_the_five_means_a_routine_visit_a_call_an_email() {
        let weights = current().depth;
        let weigh = |means, channel| depth(&weights, means, channel);
        let falling = [
            weigh(Means::ExecutiveMeeting, InteractionChannel::Visit),
            weigh(Means::ShowcaseVisit, InteractionChannel::Visit),
            weigh(Means::Summit, InteractionChannel::Event),
            weigh(Means::RoutineVisit, InteractionChannel::Visit),
            weigh(Means::RoutineVisit, InteractionChannel::Video),
            weigh(Means::RoutineVisit, InteractionChannel::Call),
            weigh(Means::ExecutiveMeeting, InteractionChannel::Email),
        ];
        assert!(falling.is_sorted_by(|deeper, shallower| deeper > shallower), "{falling:?}");
    }

    #[test]
    fn a_level_is_at_most_one_above_that_of_satisfaction() {
        let policy = current();
        for (engagement, satisfaction, expected) in [
            (0, 75, Level::L1),
            (19, 75, Level::L1),
            (20, 75, Level::L2),
            (59, 75, Level::L3),
            (60, 75, Level::L4),
            (80, 75, Level::L5),
            (100, 100, Level::L5),
            (100, 59, Level::L4),
            (100, 39, Level::L3),
            (100, 0, Level::L2),
            (10, 0, Level::L1),
        ] {
            assert_eq!(level(&policy, engagement, satisfaction), expected, "{engagement} {satisfaction}");
        }
    }
}
