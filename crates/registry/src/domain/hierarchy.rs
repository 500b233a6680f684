//! Who belongs to whom, and when: on no day does anybody belong to two, or to itself by any way round.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use registry_contract::{CustomerId, CustomerLinkId, RollUp, TierCounts};
use wire::{Currency, Money};

use super::faults::Faults;

/// Links from the top of a group down to its last site; what goes deeper is a mistake.
pub const MOST_LEVELS: usize = 20;

/// Levels that are shown and summed up: earlier versions let groups be deeper than [`MOST_LEVELS`].
pub const LEVELS_READ: usize = 100;

/// Customers below one that an answer lists.
pub const MOST_MEMBERS: usize = 5000;

/// Days from the first, without the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

impl Days {
    const ALL: Self = Self { from: NaiveDate::MIN, until: None };

    pub fn has(self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The days that are in both.
    fn meet(self, other: Self) -> Option<Self> {
        let until = match (self.until, other.until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let both = Self { from: self.from.max(other.from), until };
        both.has(both.from).then_some(both)
    }
}

/// That `child` belongs to `parent` on some days; without any day once it is withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub id: CustomerLinkId,
    pub child: CustomerId,
    pub parent: CustomerId,
    pub days: Days,
}

/// Links by their child, and by their parent.
#[derive(Debug, Clone, Default)]
pub struct Links {
    of: HashMap<CustomerId, Vec<Link>>,
    below: HashMap<CustomerId, Vec<Link>>,
}

impl FromIterator<Link> for Links {
    fn from_iter<I: IntoIterator<Item = Link>>(links: I) -> Self {
        let (mut all, mut seen) = (Self::default(), HashSet::new());
        for link in links {
            if seen.insert(link.id) {
                all.of.entry(link.child).or_default().push(link);
                all.below.entry(link.parent).or_default().push(link);
            }
        }
        all
    }
}

/// A way up from a customer on some days, to the top or to whom it must not lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub days: Days,
    pub links: Vec<CustomerLinkId>,
    /// Whether it leads to whom it must not.
    pub is_closed: bool,
}

impl Links {
    /// Whom the customer belongs to on that day.
    pub fn on(&self, child: CustomerId, day: NaiveDate) -> Option<&Link> {
        self.of(child).find(|link| link.days.has(day))
    }

    fn of(&self, child: CustomerId) -> impl Iterator<Item = &Link> {
        self.of.get(&child).into_iter().flatten()
    }

    /// What is wrong with a link beside these, which are all those of its child, of whoever its parent belongs to, and of
    /// whoever belongs to its child. The link itself, as it was, may be among them.
    pub fn check(&self, link: &Link, faults: &mut Faults) {
        if link.child == link.parent {
            return faults.add("/parent_id", "hierarchy-cycle", "belongs to this customer itself");
        }
        let mut others = self.of(link.child).filter(|other| other.id != link.id);
        if let Some(other) = others.find_map(|other| other.days.meet(link.days)) {
            faults.add("/until", "overlaps", format!("the customer belongs to another from {} on", other.from));
        }
        let ways = self.ways(link.parent, link.days, link.child);
        let closed = ways.iter().filter(|way| way.is_closed).map(|way| way.days.from).min();
        if let Some(day) = closed {
            let message = format!("belongs to this customer itself, on {day} at the earliest");
            faults.add("/parent_id", "hierarchy-cycle", message);
        } else if let Some(day) = self.too_deep_below(link.child, &ways, 1) {
            let message = format!("somebody would be more than {MOST_LEVELS} levels below the top, from {day} on");
            faults.add("/parent_id", "too-deep", message);
        }
    }

    /// Every way by which the customer belongs to itself.
    pub fn circles(&self, customer: CustomerId) -> Vec<Way> {
        let mut ways = self.ways(customer, Days::ALL, customer);
        ways.retain(|way| way.is_closed);
        ways
    }

    /// The first day, from one on, on which the customer, or somebody below it, is more than [`MOST_LEVELS`] levels below the
    /// top.
    pub fn too_deep(&self, customer: CustomerId, from: NaiveDate) -> Option<NaiveDate> {
        let days = Days { from, until: None };
        self.too_deep_below(customer, &self.ways(customer, days, customer), 0)
    }

    /// All ways up from a customer on these days. One that leads nowhere on some days of a longer one may be among them.
    fn ways(&self, from: CustomerId, days: Days, avoid: CustomerId) -> Vec<Way> {
        let mut ways = Vec::new();
        self.climb(from, days, avoid, &mut Vec::new(), &mut ways);
        ways
    }

    fn climb(
        &self,
        at: CustomerId,
        days: Days,
        avoid: CustomerId,
        links: &mut Vec<CustomerLinkId>,
        ways: &mut Vec<Way>,
    ) {
        let mut goes_on = false;
        for link in self.of(at) {
            let Some(both) = link.days.meet(days) else { continue };
            goes_on |= both == days;
            links.push(link.id);
            let is_closed = link.parent == avoid;
            if is_closed || links.len() > MOST_LEVELS {
                ways.push(Way { days: both, links: links.clone(), is_closed });
            } else {
                self.climb(link.parent, both, avoid, links, ways);
            }
            links.pop();
        }
        if !goes_on {
            ways.push(Way { days, links: links.clone(), is_closed: false });
        }
    }

    /// `more` links join the customer to where the ways begin.
    fn too_deep_below(&self, customer: CustomerId, ways: &[Way], more: usize) -> Option<NaiveDate> {
        ways.iter().filter_map(|way| self.descend(customer, way.days, way.links.len() + more)).min()
    }

    fn descend(&self, at: CustomerId, days: Days, levels: usize) -> Option<NaiveDate> {
        if levels > MOST_LEVELS {
            return Some(days.from);
        }
        let below = self.below.get(&at).into_iter().flatten();
        let below = below.filter_map(|link| Some((link.child, link.days.meet(days)?)));
        below.filter_map(|(child, days)| self.descend(child, days, levels + 1)).min()
    }
}

/// What becomes of the links to a customer that is merged into another: those that are neither kept nor split go along. What
/// the survivor itself was to the merged one, which would be what it was to itself, stays too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joined {
    /// With the survivor they would close a circle on days that are over, and hold on no day after these.
    pub kept: Vec<CustomerLinkId>,
    /// The same, but that they go along from that day on.
    pub split: Vec<(CustomerLinkId, NaiveDate)>,
}

impl Links {
    /// Judges a merge by day, given all links above the two.
    ///
    /// # Errors
    /// The first day from today on on which the survivor belongs to the merged one.
    pub fn join(&self, survivor: CustomerId, merged: CustomerId, today: NaiveDate) -> Result<Joined, NaiveDate> {
        let mut ends: BTreeMap<CustomerLinkId, NaiveDate> = BTreeMap::new();
        let mut first_to_come: Option<NaiveDate> = None;
        for way in self.ways(survivor, Days::ALL, merged).into_iter().filter(|way| way.is_closed) {
            match (way.days.until, way.links.as_slice()) {
                (Some(until), [_, .., last]) if until <= today => {
                    let end = ends.entry(*last).or_insert(until);
                    *end = until.max(*end);
                }
                // It would be what the survivor was to itself, and stays.
                (Some(until), _) if until <= today => {}
                _ => {
                    let day = way.days.from.max(today);
                    first_to_come = Some(first_to_come.map_or(day, |first| first.min(day)));
                }
            }
        }
        if let Some(day) = first_to_come {
            return Err(day);
        }
        let is_over = |id: CustomerLinkId, end: NaiveDate| {
            let link = self.of.values().flatten().find(|link| link.id == id);
            link.is_some_and(|link| link.days.until.is_some_and(|until| until <= end))
        };
        let (kept, split): (Vec<_>, Vec<_>) = ends.into_iter().partition(|(id, end)| is_over(*id, *end));
        Ok(Joined { kept: kept.into_iter().map(|(id, _)| id).collect(), split })
    }

    /// The links as the merge leaves them.
    pub fn joined(&self, survivor: CustomerId, merged: CustomerId, joined: &Joined) -> Self {
        let split: HashMap<CustomerLinkId, NaiveDate> = joined.split.iter().copied().collect();
        let after = |link: &Link| match split.get(&link.id) {
            _ if link.parent != merged || link.child == survivor || joined.kept.contains(&link.id) => vec![*link],
            None => vec![Link { parent: survivor, ..*link }],
            Some(day) => {
                let before = Days { until: Some(*day), ..link.days };
                let after = Days { from: *day, ..link.days };
                let past = Link { id: CustomerLinkId::new(), days: before, ..*link };
                vec![past, Link { parent: survivor, days: after, ..*link }]
            }
        };
        self.of.values().flatten().flat_map(after).collect()
    }
}

/// How a customer comes to belong to `parent` from `day` on, or to nobody.
#[derive(Debug, PartialEq, Eq)]
pub struct Move {
    /// The link that ends on that day.
    pub ended: Option<Link>,
    /// The days of the new link, up to the next that is known already.
    pub days: Days,
}

/// The move on a day, given all links of the customer.
pub fn move_on(own: &[Link], day: NaiveDate) -> Move {
    let ended = own.iter().find(|link| link.days.has(day)).copied();
    let later = own.iter().filter(|link| link.days.from > day && link.days.has(link.days.from));
    Move { ended, days: Days { from: day, until: later.map(|link| link.days.from).min() } }
}

/// A new link as it comes to be on its first day: the link that it ends, and itself up to the next that is known already.
/// Names what forbids it. `above` are all links of its child, of its parent, and of whoever these belong to; `beneath` are
/// those of whoever belongs to the child.
pub fn begin(mut link: Link, above: &[Link], beneath: &[Link], faults: &mut Faults) -> (Option<Link>, Link) {
    let own: Vec<Link> = above.iter().filter(|one| one.child == link.child).copied().collect();
    let Move { ended, days } = move_on(&own, link.days.from);
    link.days.until = link.days.until.or(days.until);
    let rest = above.iter().chain(beneath).filter(|one| Some(**one) != ended).copied();
    rest.collect::<Links>().check(&link, faults);
    (ended, link)
}

/// Sums of some customers. More than 64 bits of minor units stay at the most they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    pub customers: i64,
    pub by_tier: TierCounts,
    pub contacts: i64,
    /// In minor units.
    pub annual_revenue: BTreeMap<Currency, i64>,
}

impl Figures {
    pub fn earn(&mut self, currency: Currency, minor: i64) {
        let sum = self.annual_revenue.entry(currency).or_default();
        *sum = sum.saturating_add(minor);
    }

    fn add(&mut self, more: &Self) {
        self.customers += more.customers;
        self.contacts += more.contacts;
        self.by_tier.add(more.by_tier);
        for (currency, minor) in &more.annual_revenue {
            self.earn(*currency, *minor);
        }
    }
}

impl From<Figures> for RollUp {
    fn from(figures: Figures) -> Self {
        let Figures { customers, by_tier, contacts, annual_revenue } = figures;
        let annual_revenue = annual_revenue.into_iter().map(|(currency, minor)| Money { minor, currency }).collect();
        Self { customers, by_tier, contacts, annual_revenue }
    }
}

/// Sums of every customer and all below it. `members` are each behind its parent, by index; the first has none.
pub fn roll_up(members: Vec<(Option<usize>, Figures)>) -> Vec<RollUp> {
    let (parents, mut totals): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    for (index, parent) in parents.into_iter().enumerate().rev() {
        if let Some(parent) = parent.filter(|parent| *parent < index) {
            let total = totals[index].clone();
            totals[parent].add(&total);
        }
    }
    totals.into_iter().map(RollUp::from).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use registry_contract::Tier;

    use super::*;

    fn day(number: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(number)
    }

    fn days(from: u64, until: Option<u64>) -> Days {
        Days { from: day(from), until: until.map(day) }
    }

    fn link(child: CustomerId, parent: CustomerId, days: Days) -> Link {
        Link { id: CustomerLinkId::new(), child, parent, days }
    }

    fn codes(links: &[Link], new: &Link) -> Vec<String> {
        let mut faults = Faults::default();
        links.iter().copied().collect::<Links>().check(new, &mut faults);
        faults.into_vec().into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn links_hold_on_their_days_only() {
        let [group, company, site] = [CustomerId::new(), CustomerId::new(), CustomerId::new()];
        let known = [link(company, group, days(10, Some(20))), link(site, company, days(0, Some(15)))];
        for (child, parent, on, expected) in [
            (group, group, days(0, None), vec!["hierarchy-cycle"]),
            (group, company, days(0, None), vec!["hierarchy-cycle"]),
            (group, company, days(0, Some(10)), vec![]),
            (group, company, days(19, Some(20)), vec!["hierarchy-cycle"]),
            (group, company, days(20, None), vec![]),
            (group, site, days(0, None), vec!["hierarchy-cycle"]),
            (group, site, days(15, None), vec![]),
            (group, site, days(0, Some(10)), vec![]),
            (company, site, days(14, Some(15)), vec!["overlaps", "hierarchy-cycle"]),
            (company, site, days(20, None), vec![]),
            (site, group, days(15, None), vec![]),
            (site, group, days(14, None), vec!["overlaps"]),
        ] {
            assert_eq!(codes(&known, &link(child, parent, on)), expected, "{on:?}");
        }
        let withdrawn = Link { days: days(10, Some(10)), ..known[0] };
        assert_eq!(codes(&[withdrawn, known[1]], &link(group, company, days(0, None))), Vec::<String>::new());
        assert_eq!(
            codes(&known, &Link { days: days(12, None), ..known[0] }),
            Vec::<String>::new(),
            "no overlap with itself"
        );
    }

    /// Customers each of whom belongs to the next.
    fn line(count: usize) -> (Vec<CustomerId>, Vec<Link>) {
        let line: Vec<CustomerId> = (0..count).map(|_| CustomerId::new()).collect();
        let links = line.windows(2).map(|pair| link(pair[0], pair[1], days(0, None))).collect();
        (line, links)
    }

    #[test]
    fn a_line_has_an_end() {
        let (line, links) = line(MOST_LEVELS + 1);
        let below = |count: usize| codes(&links, &link(CustomerId::new(), line[MOST_LEVELS - count], days(0, None)));
        assert_eq!(below(MOST_LEVELS - 1), Vec::<String>::new());
        assert_eq!(below(MOST_LEVELS), ["too-deep"]);
        let top = line[MOST_LEVELS];
        assert_eq!(codes(&links, &link(top, CustomerId::new(), days(0, None))), ["too-deep"], "from the bottom up");
        assert_eq!(codes(&links, &link(top, CustomerId::new(), days(0, Some(0)))), Vec::<String>::new(), "on no day");
        assert_eq!(codes(&links[1..], &link(top, CustomerId::new(), days(0, None))), Vec::<String>::new());
    }

    #[test]
    fn a_tree_is_as_deep_as_on_the_day() {
        let ((upper, above), (lower, mut below)) = (line(15), line(8));
        below[3].days = days(10, Some(20));
        let all: Vec<Link> = above.into_iter().chain(below).collect();
        let put = |on| codes(&all, &link(lower[7], upper[0], on));
        assert_eq!(put(days(0, None)), ["too-deep"]);
        assert_eq!(put(days(19, None)), ["too-deep"]);
        assert_eq!(put(days(0, Some(10))), Vec::<String>::new());
        assert_eq!(put(days(20, None)), Vec::<String>::new());
    }

    #[test]
    fn a_merge_is_judged_by_day() {
        let [survivor, between, merged, other] = [0; 4].map(|_| CustomerId::new());
        let joined = |own: Days, its: Days| -> Result<(bool, Vec<NaiveDate>), NaiveDate> {
            let links = [link(survivor, between, own), link(between, merged, its), link(other, merged, its)];
            let all: Links = links.into_iter().collect();
            let joined = all.join(survivor, merged, day(50))?;
            let after = all.joined(survivor, merged, &joined);
            assert_eq!(after.circles(survivor), [], "{joined:?}");
            assert_eq!(after.on(other, its.from).map(|link| link.parent), Some(survivor));
            Ok((joined.kept == [links[1].id], joined.split.iter().map(|(_, day)| *day).collect::<Vec<_>>()))
        };
        assert_eq!(joined(days(0, Some(30)), days(0, Some(30))), Ok((true, vec![])));
        assert_eq!(joined(days(0, Some(30)), days(0, Some(40))), Ok((false, vec![day(30)])));
        assert_eq!(joined(days(0, Some(30)), days(0, None)), Ok((false, vec![day(30)])));
        assert_eq!(joined(days(0, Some(30)), days(30, None)), Ok((false, vec![])));
        assert_eq!(joined(days(0, Some(50)), days(0, None)), Ok((false, vec![day(50)])));
        assert_eq!(joined(days(0, Some(51)), days(0, None)), Err(day(50)));
        assert_eq!(joined(days(60, None), days(0, None)), Err(day(60)));
        let direct: Links = [link(survivor, merged, days(0, Some(50)))].into_iter().collect();
        assert_eq!(direct.join(survivor, merged, day(50)), Ok(Joined::default()));
        assert_eq!(direct.join(survivor, merged, day(49)), Err(day(49)));
    }

    #[test]
    fn a_move_ends_what_holds_and_lasts_until_the_next() {
        let [child, one, other] = [CustomerId::new(), CustomerId::new(), CustomerId::new()];
        let own = [link(child, one, days(0, None)), link(child, other, days(30, Some(30)))];
        assert_eq!(move_on(&own, day(10)), Move { ended: Some(own[0]), days: days(10, None) });
        let own = [
            link(child, one, days(0, Some(20))),
            link(child, other, days(40, None)),
            link(child, one, days(30, Some(40))),
        ];
        assert_eq!(move_on(&own, day(20)), Move { ended: None, days: days(20, Some(30)) });
        assert_eq!(move_on(&[], day(0)), Move { ended: None, days: days(0, None) });
    }

    /// Whether on that day anybody is below itself, or below two.
    fn is_sound(links: &[Link], customers: &[CustomerId], on: NaiveDate) -> bool {
        customers.iter().all(|customer| {
            let parents = |of: CustomerId| links.iter().filter(move |link| link.child == of && link.days.has(on));
            let (mut at, mut steps) = (*customer, 0);
            while let Some(link) = parents(at).next() {
                (at, steps) = (link.parent, steps + 1);
                if at == *customer || steps > customers.len() {
                    return false;
                }
            }
            parents(*customer).count() <= 1
        })
    }

    proptest! {
        /// Any sequence of links, each taken when the rules allow it, moves included.
        #[test]
        fn no_day_ever_has_a_circle(wishes in proptest::collection::vec((0..6_usize, 0..6_usize, 0..12_u64, 0..14_u64), 1..60)) {
            let customers: Vec<CustomerId> = (0..6).map(|_| CustomerId::new()).collect();
            let mut links: Vec<Link> = vec![];
            for (child, parent, from, length) in wishes {
                let own: Vec<Link> = links.iter().filter(|link| link.child == customers[child]).copied().collect();
                let Move { ended, days: mut new } = move_on(&own, day(from));
                if length < 12 {
                    let until = day(from + length + 1);
                    new.until = Some(new.until.map_or(until, |next| next.min(until)));
                }
                let mut after = links.clone();
                if let Some(ended) = ended {
                    after.iter_mut().filter(|link| link.id == ended.id).for_each(|link| link.days.until = Some(day(from)));
                }
                let new = link(customers[child], customers[parent], new);
                let refused = codes(&after, &new);
                after.push(new);
                let sound = (0..40).all(|number| is_sound(&after, &customers, day(number)));
                prop_assert_eq!(refused.is_empty(), sound, "refused exactly what is unsound: {:?}", refused);
                if sound {
                    links = after;
                }
            }
        }

        /// Links of a line, made in any order and for any time: on every day it is as deep as allowed, and no link is refused
        /// that would not have made it deeper.
        #[test]
        fn no_day_is_ever_too_deep(
            wishes in Just((0..24_usize).collect::<Vec<_>>()).prop_shuffle(),
            times in proptest::collection::vec((0..3_u64, proptest::option::weighted(0.2, 1..4_u64)), 24),
        ) {
            let line: Vec<CustomerId> = (0..=24).map(|_| CustomerId::new()).collect();
            let mut links: Vec<Link> = vec![];
            for (at, (from, length)) in wishes.into_iter().zip(times) {
                let new = link(line[at], line[at + 1], days(from, length.map(|length| from + length)));
                let refused = codes(&links, &new);
                let after: Vec<Link> = links.iter().copied().chain([new]).collect();
                let deepest = (0..8).map(|number| {
                    let holds = |at: usize| after.iter().any(|link| link.child == line[at] && link.days.has(day(number)));
                    let longest = |(best, run): (usize, usize), at: usize| {
                        let run = if holds(at) { run + 1 } else { 0 };
                        (best.max(run), run)
                    };
                    (0..24).fold((0, 0), longest).0
                });
                let fits = deepest.max().is_none_or(|levels| levels <= MOST_LEVELS);
                prop_assert_eq!(refused, if fits { vec![] } else { vec!["too-deep".to_owned()] });
                if fits {
                    links = after;
                }
            }
        }

        #[test]
        fn a_roll_up_is_the_sum_of_all_below(tree in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_usize, 0..5_i64, any::<Option<(bool, i32)>>()), 1..40)) {
            let members: Vec<(Option<usize>, Tier, i64, Option<Money>)> = tree.iter().enumerate().map(|(index, (parent, tier, contacts, revenue))| {
                let annual_revenue = revenue.map(|(euro, minor)| Money {
                    minor: minor.into(), currency: if euro { Currency::EUR } else { Currency::CNY },
                });
                ((index > 0).then(|| parent.index(index)), Tier::ALL[*tier], *contacts, annual_revenue)
            }).collect();
            let figures = members.iter().map(|(parent, tier, contacts, revenue)| {
                let mut figures = Figures { customers: 1, contacts: *contacts, ..Figures::default() };
                figures.by_tier.count(*tier, 1);
                if let Some(money) = revenue {
                    figures.earn(money.currency, money.minor);
                }
                (*parent, figures)
            });
            let totals = roll_up(figures.collect());
            let is_below = |mut at: usize, top: usize| loop {
                if at == top { break true }
                match members[at].0 { Some(parent) => at = parent, None => break false }
            };
            for (top, total) in totals.into_iter().enumerate() {
                let below: Vec<_> = (0..members.len()).filter(|at| is_below(*at, top)).map(|at| &members[at]).collect();
                prop_assert_eq!(total.customers as usize, below.len());
                prop_assert_eq!(total.contacts, below.iter().map(|(_, _, contacts, _)| contacts).sum::<i64>());
                let strategic = below.iter().filter(|(_, tier, _, _)| *tier == Tier::S).count();
                prop_assert_eq!(total.by_tier.strategic as usize, strategic);
                for currency in [Currency::EUR, Currency::CNY] {
                    let told: Vec<i64> = below.iter().filter_map(|(_, _, _, revenue)| *revenue)
                        .filter(|money| money.currency == currency).map(|money| money.minor).collect();
                    let sum = total.annual_revenue.iter().find(|money| money.currency == currency).map(|money| money.minor);
                    prop_assert_eq!(sum, (!told.is_empty()).then(|| told.iter().sum::<i64>()));
                }
            }
        }
    }
}
