use std::collections::HashSet;

use registry_contract::{NewTierPolicy, PolicyTier, Tier};

use super::faults::Faults;
use super::shape;

/// A scheme of tiers whose tiers are told apart, and in which no higher one counts as less than a lower one.
#[derive(Debug, Clone, PartialEq)]
pub struct TierPolicyDetails(NewTierPolicy);

impl TierPolicyDetails {
    /// Puts the highest tier first.
    pub fn parse(mut new: NewTierPolicy) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/code", &mut new.code, 30, &[shape::external_system]);
        faults.text("/name", &mut new.name, 100, &[]);
        faults.text("/name_zh", &mut new.name_zh, 100, &[]);
        if !(2..=10).contains(&new.tiers.len()) {
            faults.add("/tiers", "out-of-range", "must have from 2 to 10 tiers");
        }
        let (mut codes, mut ranks) = (HashSet::new(), HashSet::new());
        for (index, tier) in new.tiers.iter_mut().enumerate() {
            let at = |field: &str| format!("/tiers/{index}/{field}");
            faults.text(&at("code"), &mut tier.code, 20, &[]);
            faults.text(&at("name"), &mut tier.name, 50, &[]);
            faults.text(&at("name_zh"), &mut tier.name_zh, 50, &[]);
            faults.range(&at("rank"), Some(tier.rank), 1, 10);
            faults.range(&at("approvals_to_enter"), Some(tier.approvals_to_enter), 0, 5);
            faults.range(&at("approvals_to_leave"), Some(tier.approvals_to_leave), 0, 5);
            faults.range(&at("review_days"), Some(tier.review_days), 1, 3660);
            if !codes.insert(tier.code.clone()) {
                faults.add(&at("code"), "not-unique", "is there twice");
            }
            if !ranks.insert(tier.rank) {
                faults.add(&at("rank"), "not-unique", "is there twice");
            }
        }
        for (index, tier) in new.tiers.iter().enumerate() {
            if new.tiers.iter().any(|lower| lower.rank > tier.rank && lower.counts_as < tier.counts_as) {
                faults.add(
                    &format!("/tiers/{index}/counts_as"),
                    "below-lower-tier",
                    "counts as less than a lower tier",
                );
            }
        }
        new.tiers.sort_by_key(|tier| tier.rank);
        faults.or(Self(new))
    }

    pub fn into_inner(self) -> NewTierPolicy {
        self.0
    }
}

/// What a policy's tiers say, the highest first.
#[derive(Debug, Clone, Copy)]
pub struct Tiers<'a>(pub &'a [PolicyTier]);

impl<'a> Tiers<'a> {
    pub fn called(self, code: &str) -> Option<&'a PolicyTier> {
        self.0.iter().find(|tier| tier.code == code)
    }

    /// The tier to propose where another service or system names one of its own: the one that counts as it, else the
    /// highest that does not count as more, else the lowest.
    pub fn nearest(self, tier: Tier) -> Option<&'a PolicyTier> {
        self.0.iter().find(|own| own.counts_as >= tier).or(self.0.last())
    }

    /// How many must approve that a customer of the tier `from` gets `to`. No tier of the policy may count as `from`: then
    /// nothing is asked of those who leave it. Where several count alike, `level` is the one that it has, if that is known:
    /// nobody leaves what counts the same but for another of these.
    pub fn approvals(self, from: Tier, level: Option<&str>, to: &PolicyTier) -> i32 {
        let leaves = |own: &&PolicyTier| {
            own.counts_as == from && (from != to.counts_as || own.code != to.code && level == Some(own.code.as_str()))
        };
        let to_leave = self.0.iter().filter(leaves).map(|own| own.approvals_to_leave);
        to_leave.fold(to.approvals_to_enter, i32::max)
    }

    /// The same where a record of another system asks. If the policy asks anybody at all, somebody is asked: a tier that a
    /// record was given at once would depend on which of them came first.
    pub fn approvals_of_record(self, from: Tier, to: &PolicyTier) -> i32 {
        let asks = self.0.iter().any(|own| own.approvals_to_enter.max(own.approvals_to_leave) > 0);
        self.approvals(from, None, to).max(i32::from(asks))
    }

    /// Days between reviews of customers of this tier: the fewest that a tier which counts as it has.
    pub fn review_days(self, tier: Tier) -> i64 {
        let own = self.0.iter().filter(|own| own.counts_as == tier).map(|own| own.review_days).min();
        i64::from(own.or(self.nearest(tier).map(|own| own.review_days)).unwrap_or(365))
    }

    pub fn is_key(self, tier: Tier) -> bool {
        self.nearest(tier).is_some_and(|own| own.key_customer)
    }

    /// Whether a customer gets another tier by getting `to`, be it that it counts as the one before: `from` is what it had,
    /// `level` the policy's own tier that people decided on. Where they decided on none, only a policy of several tiers that
    /// count alike leaves open which it had.
    pub fn changes(self, from: Tier, level: Option<&Level>, to: &Level) -> bool {
        let counts_as = |code: &str| self.called(code).map(|own| own.counts_as);
        if counts_as(&to.code) != Some(from) {
            return true;
        }
        match level {
            Some(level) => level != to,
            None => self.0.iter().filter(|own| own.counts_as == from).count() > 1,
        }
    }
}

/// A policy's own tier, whatever its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    pub policy: String,
    pub code: String,
}

impl Level {
    /// `policy_version` is the policy's code with its revision: `sabc-v1`.
    pub fn of(policy_version: &str, code: &str) -> Self {
        let policy = policy_version.rsplit_once("-v").map_or(policy_version, |(policy, _)| policy);
        Self { policy: policy.to_owned(), code: code.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(code: &str, rank: i32, counts_as: Tier, approvals: (i32, i32), review_days: i32) -> PolicyTier {
        PolicyTier {
            code: code.into(),
            name: code.into(),
            name_zh: code.into(),
            rank,
            key_customer: counts_as <= Tier::A,
            counts_as,
            approvals_to_enter: approvals.0,
            approvals_to_leave: approvals.1,
            review_days,
        }
    }

    fn key_or_ordinary() -> Vec<PolicyTier> {
        vec![tier("key", 1, Tier::A, (2, 2), 90), tier("ordinary", 2, Tier::C, (1, 1), 180)]
    }

    fn policy(tiers: Vec<PolicyTier>) -> NewTierPolicy {
        NewTierPolicy { code: "own".into(), name: "Own".into(), name_zh: "自有".into(), tiers }
    }

    #[test]
    fn what_is_wrong_with_a_policy_is_named() {
        let twice = vec![tier("a", 1, Tier::A, (1, 1), 90), tier("a", 1, Tier::C, (1, 1), 90)];
        let upside_down = vec![tier("a", 1, Tier::C, (1, 1), 90), tier("b", 2, Tier::S, (1, 1), 90)];
        let out_of_range = vec![tier("a", 0, Tier::A, (6, -1), 0), tier("b", 11, Tier::B, (1, 1), 1)];
        for (tiers, expected) in [
            (key_or_ordinary(), vec![]),
            (vec![], vec!["/tiers"]),
            (twice, vec!["/tiers/1/code", "/tiers/1/rank"]),
            (upside_down, vec!["/tiers/0/counts_as"]),
            (
                out_of_range,
                vec![
                    "/tiers/0/rank",
                    "/tiers/0/approvals_to_enter",
                    "/tiers/0/approvals_to_leave",
                    "/tiers/0/review_days",
                    "/tiers/1/rank",
                ],
            ),
        ] {
            let faults = TierPolicyDetails::parse(policy(tiers)).err().unwrap_or_default();
            let found: Vec<_> = faults.as_slice().iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_highest_tier_comes_first() {
        let mut tiers = key_or_ordinary();
        tiers.reverse();
        let parsed = TierPolicyDetails::parse(policy(tiers)).expect("is right").into_inner();
        assert_eq!(parsed.tiers, key_or_ordinary());
    }

    #[test]
    fn a_tier_of_the_others_finds_its_nearest() {
        let tiers = key_or_ordinary();
        let tiers = Tiers(&tiers);
        for (named, nearest) in [(Tier::S, "key"), (Tier::A, "key"), (Tier::B, "ordinary"), (Tier::C, "ordinary")] {
            assert_eq!(tiers.nearest(named).map(|own| own.code.as_str()), Some(nearest), "{named}");
        }
        assert!(tiers.is_key(Tier::A) && !tiers.is_key(Tier::B));
    }

    #[test]
    fn a_record_asks_somebody_where_anybody_is_asked() {
        let ordinary = tier("ordinary", 2, Tier::C, (0, 0), 180);
        for (key, approvals) in [((2, 0), 1), ((0, 1), 1), ((0, 0), 0)] {
            let tiers = [tier("key", 1, Tier::A, key, 90), ordinary.clone()];
            assert_eq!(Tiers(&tiers).approvals_of_record(Tier::B, &tiers[1]), approvals);
        }
    }

    #[test]
    fn the_stricter_of_entering_and_leaving_counts() {
        let tiers = key_or_ordinary();
        let (key, ordinary) = (&tiers[0], &tiers[1]);
        for (from, to, approvals) in [
            (Tier::C, key, 2),
            (Tier::A, ordinary, 2),
            (Tier::B, ordinary, 1),
            (Tier::C, ordinary, 1),
            (Tier::A, key, 2),
        ] {
            assert_eq!(Tiers(&tiers).approvals(from, None, to), approvals, "{from} to {}", to.code);
            assert_eq!(Tiers(&tiers).approvals_of_record(from, to), approvals, "{from} to {}", to.code);
        }
        assert_eq!((Tiers(&tiers).review_days(Tier::A), Tiers(&tiers).review_days(Tier::B)), (90, 180));
    }

    fn metals() -> [PolicyTier; 3] {
        [
            tier("platinum", 1, Tier::S, (2, 3), 90),
            tier("gold", 2, Tier::S, (1, 1), 90),
            tier("iron", 3, Tier::C, (1, 1), 180),
        ]
    }

    #[test]
    fn who_leaves_a_tier_for_one_that_counts_alike_is_asked_too() {
        let metals = metals();
        for (level, to, approvals) in [
            (Some("gold"), 0, 2),
            (Some("platinum"), 1, 3),
            (Some("gold"), 1, 1),
            (Some("key"), 1, 1),
            (None, 1, 1),
            (Some("platinum"), 2, 3),
        ] {
            assert_eq!(Tiers(&metals).approvals(Tier::S, level, &metals[to]), approvals, "{level:?} {to}");
        }
    }

    #[test]
    fn tiers_that_count_alike_are_several() {
        let (metals, ordinary) = (metals(), key_or_ordinary());
        let level = |code: &str| Level::of("metals-v2", code);
        for (tiers, from, before, to, changes) in [
            (&metals[..], Tier::S, Some(level("gold")), level("platinum"), true),
            (&metals, Tier::S, Some(level("gold")), Level::of("metals-v1", "gold"), false),
            (&metals, Tier::C, Some(level("iron")), level("gold"), true),
            // Created with it: which of the two it was is not known.
            (&metals, Tier::S, None, level("gold"), true),
            (&metals, Tier::C, None, level("iron"), false),
            (&ordinary, Tier::A, Some(Level::of("sabc-v1", "key")), Level::of("key-v1", "key"), true),
            (&ordinary, Tier::A, None, Level::of("key-v1", "key"), false),
            (&ordinary, Tier::S, None, Level::of("key-v1", "key"), true),
        ] {
            assert_eq!(Tiers(tiers).changes(from, before.as_ref(), &to), changes, "{from} {before:?} {to:?}");
        }
        assert_eq!(Level::of("a-v1-v12", "x"), Level { policy: "a-v1".into(), code: "x".into() });
    }
}
