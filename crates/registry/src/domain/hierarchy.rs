//! Who belongs to whom, and when: on no day does anybody belong to two, or to itself by any way round.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use registry_contract::{CustomerId, CustomerLinkId, RollUp, Tier};
use wire::{Currency, Money};

use super::faults::Faults;

/// Levels from the top of a group to its last site; what goes deeper is a mistake.
pub const MOST_LEVELS: usize = 20;

/// Customers below one that an answer still tells of.
pub const MOST_MEMBERS: usize = 5000;

/// Days from the first, without the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
}

impl Days {
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

/// Links by their child.
#[derive(Debug, Clone, Default)]
pub struct Links(HashMap<CustomerId, Vec<Link>>);

impl FromIterator<Link> for Links {
    fn from_iter<I: IntoIterator<Item = Link>>(links: I) -> Self {
        let mut of: HashMap<_, Vec<_>> = HashMap::new();
        for link in links {
            of.entry(link.child).or_default().push(link);
        }
        Self(of)
    }
}

impl Links {
    /// Whom the customer belongs to on that day.
    pub fn on(&self, child: CustomerId, day: NaiveDate) -> Option<&Link> {
        self.of(child).find(|link| link.days.has(day))
    }

    fn of(&self, child: CustomerId) -> impl Iterator<Item = &Link> {
        self.0.get(&child).into_iter().flatten()
    }

    /// What is wrong with a link beside these, which are all those of its child and of whoever its parent belongs to. The
    /// link itself, as it was, may be among them.
    pub fn check(&self, link: &Link, faults: &mut Faults) {
        if link.child == link.parent {
            return faults.add("/parent_id", "hierarchy-cycle", "belongs to this customer itself");
        }
        let mut others = self.of(link.child).filter(|other| other.id != link.id);
        if let Some(other) = others.find_map(|other| other.days.meet(link.days)) {
            faults.add("/until", "overlaps", format!("the customer belongs to another from {} on", other.from));
        }
        match self.climb(link.parent, link.child, link.days, 1) {
            Climb::Top => {}
            Climb::Circle(Reverse(day)) => {
                let message = format!("belongs to this customer itself, on {day} at the earliest");
                faults.add("/parent_id", "hierarchy-cycle", message);
            }
            Climb::TooHigh => {
                faults.add("/parent_id", "too-deep", format!("would be more than {MOST_LEVELS} levels below the top"));
            }
        }
    }

    /// Goes up from `at` on every one of the days, in search of `sought`.
    fn climb(&self, at: CustomerId, sought: CustomerId, days: Days, levels: usize) -> Climb {
        if at == sought {
            return Climb::Circle(Reverse(days.from));
        }
        if levels >= MOST_LEVELS {
            return Climb::TooHigh;
        }
        let ways = self.of(at).filter_map(|link| Some((link.parent, link.days.meet(days)?)));
        ways.map(|(parent, days)| self.climb(parent, sought, days, levels + 1)).max().unwrap_or(Climb::Top)
    }
}

/// Where a way up ends; the worse, and the sooner, the greater.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Climb {
    Top,
    TooHigh,
    Circle(Reverse<NaiveDate>),
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

/// What is summed of one customer.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub tier: Tier,
    pub contacts: i64,
    pub annual_revenue: Option<Money>,
}

/// One sum a currency. More than 64 bits of minor units stay at the most they hold.
type Sums = BTreeMap<Currency, i64>;

/// Sums of every customer and all below it. `members` are each behind its parent, by index; the first has none.
pub fn roll_up(members: &[(Option<usize>, Figures)]) -> Vec<RollUp> {
    let mut totals: Vec<(RollUp, Sums)> = members.iter().map(|(_, figures)| own(figures)).collect();
    for (index, (parent, _)) in members.iter().enumerate().rev() {
        if let Some(parent) = parent.filter(|parent| *parent < index) {
            let (total, sums) = totals[index].clone();
            add(&mut totals[parent], &total, &sums);
        }
    }
    let money = |(currency, minor): (Currency, i64)| Money { minor, currency };
    totals
        .into_iter()
        .map(|(total, sums)| RollUp { annual_revenue: sums.into_iter().map(money).collect(), ..total })
        .collect()
}

fn own(figures: &Figures) -> (RollUp, Sums) {
    let mut total = RollUp { customers: 1, contacts: figures.contacts, ..RollUp::default() };
    total.by_tier.count(figures.tier);
    (total, figures.annual_revenue.map(|money| (money.currency, money.minor)).into_iter().collect())
}

fn add((total, sums): &mut (RollUp, Sums), more: &RollUp, more_sums: &Sums) {
    total.customers += more.customers;
    total.contacts += more.contacts;
    total.by_tier.add(more.by_tier);
    for (currency, minor) in more_sums {
        let sum = sums.entry(*currency).or_default();
        *sum = sum.saturating_add(*minor);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn a_line_has_an_end() {
        let line: Vec<CustomerId> = (0..=MOST_LEVELS).map(|_| CustomerId::new()).collect();
        let links: Vec<_> = line.windows(2).map(|pair| link(pair[0], pair[1], days(0, None))).collect();
        let below = |count: usize| codes(&links, &link(CustomerId::new(), line[MOST_LEVELS - count], days(0, None)));
        assert_eq!(below(MOST_LEVELS - 2), Vec::<String>::new());
        assert_eq!(below(MOST_LEVELS), ["too-deep"]);
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

        #[test]
        fn a_roll_up_is_the_sum_of_all_below(tree in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_usize, 0..5_i64, any::<Option<(bool, i32)>>()), 1..40)) {
            let members: Vec<(Option<usize>, Figures)> = tree.iter().enumerate().map(|(index, (parent, tier, contacts, revenue))| {
                let annual_revenue = revenue.map(|(euro, minor)| Money {
                    minor: minor.into(), currency: if euro { Currency::EUR } else { Currency::CNY },
                });
                let figures = Figures { tier: Tier::ALL[*tier], contacts: *contacts, annual_revenue };
                ((index > 0).then(|| parent.index(index)), figures)
            }).collect();
            let is_below = |mut at: usize, top: usize| loop {
                if at == top { break true }
                match members[at].0 { Some(parent) => at = parent, None => break false }
            };
            for (top, total) in roll_up(&members).into_iter().enumerate() {
                let below: Vec<&Figures> =
                    (0..members.len()).filter(|at| is_below(*at, top)).map(|at| &members[at].1).collect();
                prop_assert_eq!(total.customers as usize, below.len());
                prop_assert_eq!(total.contacts, below.iter().map(|figures| figures.contacts).sum::<i64>());
                let strategic = below.iter().filter(|figures| figures.tier == Tier::S).count();
                prop_assert_eq!(total.by_tier.strategic as usize, strategic);
                for currency in [Currency::EUR, Currency::CNY] {
                    let told: Vec<i64> = below.iter().filter_map(|figures| figures.annual_revenue)
                        .filter(|money| money.currency == currency).map(|money| money.minor).collect();
                    let sum = total.annual_revenue.iter().find(|money| money.currency == currency).map(|money| money.minor);
                    prop_assert_eq!(sum, (!told.is_empty()).then(|| told.iter().sum::<i64>()));
                }
            }
        }
    }
}
