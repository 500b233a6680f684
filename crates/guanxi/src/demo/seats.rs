//! Organisation charts: who sits where, reports to whom and says what in a purchase.

use registry_contract::{DecisionRole, Tier};

use super::phrases::{Both, both};

/// A seat of the chart. The seats of a smaller customer are those marked for its tier or a lower one.
pub struct Chair {
    pub title: Both,
    /// 1 is the top.
    pub level: i32,
    /// Index of the chair it reports to in [`CHART`].
    pub reports_to: Option<usize>,
    pub role: DecisionRole,
    pub vote_weight: i32,
    /// The least of the tiers whose charts show this chair.
    pub from_tier: Tier,
}

const fn chair(
    title: Both,
    level: i32,
    reports_to: Option<usize>,
    role: DecisionRole,
    vote_weight: i32,
    from_tier: Tier,
) -> Chair {
    Chair { title, level, reports_to, role, vote_weight, from_tier }
}

pub const CHART: &[Chair] = &[
    chair(both("总经理", "Chief Executive Officer"), 1, None, DecisionRole::Decider, 5, Tier::C),
    chair(both("财务总监", "Chief Financial Officer"), 2, Some(0), DecisionRole::Approver, 4, Tier::A),
    chair(both("技术总监", "Chief Technology Officer"), 2, Some(0), DecisionRole::Evaluator, 4, Tier::B),
    chair(both("采购总监", "Head of Procurement"), 2, Some(0), DecisionRole::Buyer, 3, Tier::C),
    chair(both("运营总监", "Chief Operating Officer"), 2, Some(0), DecisionRole::Approver, 3, Tier::A),
    chair(both("网络部经理", "Infrastructure Manager"), 3, Some(2), DecisionRole::Evaluator, 3, Tier::A),
    chair(both("信息部经理", "IT Manager"), 3, Some(2), DecisionRole::User, 2, Tier::C),
    chair(both("采购经理", "Purchasing Manager"), 3, Some(3), DecisionRole::Buyer, 2, Tier::A),
    chair(both("财务经理", "Finance Manager"), 3, Some(1), DecisionRole::Influencer, 1, Tier::S),
    chair(both("项目经理", "Project Manager"), 3, Some(4), DecisionRole::User, 2, Tier::S),
    chair(both("运维主管", "Operations Supervisor"), 4, Some(5), DecisionRole::User, 1, Tier::B),
    chair(both("高级工程师", "Senior Engineer"), 4, Some(5), DecisionRole::Influencer, 2, Tier::S),
    chair(both("采购专员", "Purchasing Officer"), 5, Some(7), DecisionRole::Buyer, 1, Tier::S),
    chair(both("总经理助理", "Assistant to the CEO"), 4, Some(0), DecisionRole::Gatekeeper, 1, Tier::A),
    chair(both("质量经理", "Quality Manager"), 3, Some(4), DecisionRole::Influencer, 1, Tier::S),
];

/// Weight of a tier: S over A over B over C.
pub fn rank(tier: Tier) -> u8 {
    match tier {
        Tier::S => 3,
        Tier::A => 2,
        Tier::B => 1,
        Tier::C => 0,
    }
}

/// The chairs shown for a tier, each with the index, among those shown, of the nearest superior shown.
pub fn chart(tier: Tier) -> Vec<(&'static Chair, Option<usize>)> {
    let shown: Vec<usize> = (0..CHART.len()).filter(|&index| rank(CHART[index].from_tier) <= rank(tier)).collect();
    let superior = |index: usize| {
        let mut next = CHART[index].reports_to;
        while let Some(candidate) = next {
            if let Some(place) = shown.iter().position(|&index| index == candidate) {
                return Some(place);
            }
            next = CHART[candidate].reports_to;
        }
        None
    };
    shown.iter().map(|&index| (&CHART[index], superior(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chart_has_one_head_whom_all_reach() {
        for (tier, size) in [(Tier::S, 15), (Tier::A, 10), (Tier::B, 5), (Tier::C, 3)] {
            let chart = chart(tier);
            assert_eq!(chart.len(), size, "{tier:?}");
            assert_eq!(chart.iter().filter(|(_, superior)| superior.is_none()).count(), 1);
            assert!(
                chart.iter().enumerate().all(|(index, (_, superior))| superior.is_none_or(|superior| superior < index))
            );
        }
    }
}
