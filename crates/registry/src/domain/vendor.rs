use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Deref;

use registry_contract::{
    LineStructure, NewVendor, Period, PeriodLength, ShareHolder, ShareLine, SharePoint, Vendor, VendorId, VendorKind,
    VendorShares, VendorTrend,
};
use wire::Money;

use super::faults::Faults;
use super::{fold, shape};

/// A whole: 100 %.
const WHOLE: i32 = 10_000;

/// What is known of a vendor, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct VendorDetails(NewVendor);

impl VendorDetails {
    pub fn parse(mut new: NewVendor) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/name", &mut new.name, 200, &[]);
        texts(&mut faults, "/strengths", &mut new.strengths);
        texts(&mut faults, "/weaknesses", &mut new.weaknesses);
        let mut seen = HashSet::new();
        for (i, relation) in new.relations.iter_mut().enumerate() {
            if !seen.insert(relation.position_id) {
                faults.add(&format!("/relations/{i}/position_id"), "not-unique", "is there twice");
            }
            faults.text(&format!("/relations/{i}/note"), &mut relation.note, 500, &[]);
        }
        faults.optional_text("/note", &mut new.note, 2000, &[]);
        faults.or(Self(new))
    }
}

impl Deref for VendorDetails {
    type Target = NewVendor;

    fn deref(&self) -> &NewVendor {
        &self.0
    }
}

fn texts(faults: &mut Faults, at: &str, texts: &mut [String]) {
    for (i, text) in texts.iter_mut().enumerate() {
        faults.text(&format!("{at}/{i}"), text, 500, &[]);
    }
}

/// What makes a new vendor one that the customer has already: the same name, or being us a second time. What is the same as
/// another vendor is none of its own.
pub fn same_vendor(wanted: &NewVendor, others: &[Vendor]) -> Faults {
    let mut faults = Faults::default();
    taken_name(&mut faults, &wanted.name, others);
    let is_us = |other: &Vendor| other.kind == VendorKind::Ourselves && other.same_as.is_none();
    if wanted.kind == VendorKind::Ourselves && others.iter().any(is_us) {
        faults.add("/kind", "not-unique", "we are among this customer's vendors already");
    }
    faults
}

/// The same of one that is there already, as far as it changes: after a merge of customers two may have one name.
pub fn renamed_vendor(before: &Vendor, wanted: &NewVendor, others: &[Vendor]) -> Faults {
    let mut faults = Faults::default();
    if before.same_as.is_none() && fold(&before.name) != fold(wanted.name.trim()) {
        taken_name(&mut faults, &wanted.name, others);
    }
    faults
}

fn taken_name(faults: &mut Faults, name: &str, others: &[Vendor]) {
    let name = fold(name.trim());
    if others.iter().any(|other| other.same_as.is_none() && fold(&other.name) == name) {
        faults.add("/name", "not-unique", "is the name of another vendor of this customer");
    }
}

/// Whether a vendor can be the same as `twin`; `others` are all the others of its customer.
pub fn unfit_twin(vendor: &Vendor, twin: VendorId, others: &[Vendor]) -> Faults {
    let mut faults = Faults::default();
    let fault = match others.iter().find(|other| other.id == twin) {
        _ if twin == vendor.id => Some(("itself", "is this vendor itself")),
        None => Some(("unknown-vendor", "this customer has no such vendor")),
        Some(other) if other.same_as.is_some() => {
            Some(("same-as-another", "is itself the same as another vendor; name that one"))
        }
        Some(other) if other.kind != vendor.kind => Some(("kinds-differ", "we are not the same as a competitor")),
        Some(_) if others.iter().any(|other| other.same_as == Some(vendor.id)) => {
            Some(("same-as-another", "others are the same as this vendor; part them from it first"))
        }
        Some(_) => None,
    };
    if let Some((code, message)) = fault {
        faults.add("/same_as", code, message);
    }
    faults
}

/// The shares of a period, of which no line has more than 100 %.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareTable(Vec<ShareLine>);

impl ShareTable {
    /// Names every fault at once; `known` are the customer's vendors, each with the one that it is the same as, or itself.
    pub fn parse(
        mut shares: VendorShares,
        period: Period,
        known: &HashMap<VendorId, VendorId>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let mut seen = HashSet::new();
        for (i, line) in shares.lines.iter_mut().enumerate() {
            let at = format!("/lines/{i}");
            faults.text(&format!("{at}/product_line"), &mut line.product_line, 100, &[]);
            if !seen.insert(fold(&line.product_line)) {
                faults.add(&format!("{at}/product_line"), "not-unique", "is there twice");
            }
            wallet(&mut faults, &format!("{at}/wallet"), line.wallet);
            holders(&mut faults, &at, line, known);
            let sum: i64 = line.shares.iter().map(|share| i64::from(share.share_bp)).sum();
            if sum > WHOLE.into() {
                let (line, percent, rest) = (&line.product_line, sum / 100, sum % 100);
                let message =
                    format!("the shares of {line:?} in {period} sum to {percent}.{rest:02} %, more than 100 %");
                faults.add(&format!("{at}/shares"), "shares-exceeded", message);
            }
        }
        faults.or(Self(shares.lines))
    }

    pub fn lines(&self) -> &[ShareLine] {
        &self.0
    }
}

fn wallet(faults: &mut Faults, at: &str, wallet: Option<Money>) {
    let Some(wallet) = wallet else { return };
    if wallet.minor < 0 {
        faults.add(&format!("{at}/amount"), "out-of-range", "must not be negative");
    }
    if let Some((code, message)) = shape::currency(wallet.currency.as_str()) {
        faults.add(&format!("{at}/currency"), code, message);
    }
}

fn holders(faults: &mut Faults, at: &str, line: &ShareLine, known: &HashMap<VendorId, VendorId>) {
    let mut seen = HashSet::new();
    for (i, share) in line.shares.iter().enumerate() {
        let at = format!("{at}/shares/{i}");
        let vendor = known.get(&share.vendor_id);
        if vendor.is_none() {
            faults.add(&format!("{at}/vendor_id"), "unknown-vendor", "this customer has no such vendor");
        }
        if !seen.insert(vendor.unwrap_or(&share.vendor_id)) {
            faults.add(&format!("{at}/vendor_id"), "not-unique", "is there twice, or the same as another of the line");
        }
        faults.range(&format!("{at}/share_bp"), Some(share.share_bp), 0, WHOLE);
    }
}

/// The vendor itself, or the one that it is the same as.
fn whose(share: VendorId, vendors: &HashMap<VendorId, Vendor>) -> Option<&Vendor> {
    let vendor = vendors.get(&share)?;
    Some(vendor.same_as.and_then(|twin| vendors.get(&twin)).unwrap_or(vendor))
}

/// Who has what, line by line.
pub fn structure(lines: &[ShareLine], vendors: &HashMap<VendorId, Vendor>) -> Vec<LineStructure> {
    lines.iter().map(|line| line_structure(line, vendors)).collect()
}

fn line_structure(line: &ShareLine, vendors: &HashMap<VendorId, Vendor>) -> LineStructure {
    let mut holders: Vec<ShareHolder> = Vec::new();
    for share in &line.shares {
        // Of one who is none of the customer's vendors nobody knows anything: his share is part of the unknown.
        let Some(vendor) = whose(share.vendor_id, vendors) else { continue };
        match holders.iter_mut().find(|holder| holder.vendor_id == vendor.id) {
            Some(holder) => holder.share_bp += share.share_bp,
            None => {
                let (name, kind) = (vendor.name.clone(), vendor.kind);
                holders.push(ShareHolder { vendor_id: vendor.id, name, kind, share_bp: share.share_bp });
            }
        }
    }
    holders.sort_by(|a, b| b.share_bp.cmp(&a.share_bp).then_with(|| a.name.cmp(&b.name)));
    let known_bp: i32 = holders.iter().map(|holder| holder.share_bp).sum();
    let ours = holders.iter().filter(|holder| holder.kind == VendorKind::Ourselves);
    let our_share_bp: i32 = ours.map(|holder| holder.share_bp).sum();
    let headroom_bp = WHOLE - our_share_bp;
    LineStructure {
        product_line: line.product_line.clone(),
        wallet: line.wallet,
        holders,
        known_bp,
        unknown_bp: WHOLE - known_bp,
        our_share_bp,
        headroom_bp,
        headroom: line.wallet.map(|wallet| part(wallet, headroom_bp)),
    }
}

fn part(whole: Money, basis_points: i32) -> Money {
    let minor = i128::from(whole.minor) * i128::from(basis_points) / i128::from(WHOLE);
    // No part is more than the whole.
    Money { minor: i64::try_from(minor).unwrap_or(whole.minor), ..whole }
}

/// How the shares move over the periods of this length. Product lines are the same whatever their case and width.
pub fn trends(
    tables: &[(Period, Vec<ShareLine>)],
    length: PeriodLength,
    product_line: Option<&str>,
    vendors: &HashMap<VendorId, Vendor>,
) -> Vec<VendorTrend> {
    let mut series: BTreeMap<(String, VendorId), (String, BTreeMap<Period, i32>)> = BTreeMap::new();
    let mut tables: Vec<_> = tables.iter().filter(|(period, _)| period.length() == length).collect();
    tables.sort_by_key(|(period, _)| *period);
    for (period, lines) in tables {
        for line in lines {
            let known_by = fold(&line.product_line);
            if product_line.is_some_and(|wanted| fold(wanted.trim()) != known_by) {
                continue;
            }
            for share in &line.shares {
                let Some(vendor) = whose(share.vendor_id, vendors) else { continue };
                let (name, points) = series.entry((known_by.clone(), vendor.id)).or_default();
                name.clone_from(&line.product_line);
                *points.entry(*period).or_default() += share.share_bp;
            }
        }
    }
    let mut trends: Vec<_> = series
        .into_iter()
        .filter_map(|((_, vendor), (product_line, points))| {
            let vendor = vendors.get(&vendor)?;
            Some(trend(product_line, vendor, points))
        })
        .collect();
    trends.sort_by_cached_key(|trend| {
        let newest = trend.series.last().map(|point| point.share_bp);
        (fold(&trend.product_line), Reverse(newest), trend.name.clone())
    });
    trends
}

fn trend(product_line: String, vendor: &Vendor, points: BTreeMap<Period, i32>) -> VendorTrend {
    let series: Vec<_> = points.into_iter().map(|(period, share_bp)| SharePoint { period, share_bp }).collect();
    let change_bp = match series.as_slice() {
        [.., before, last] => Some(last.share_bp - before.share_bp),
        _ => None,
    };
    let slope_bp = slope(&series);
    VendorTrend {
        product_line,
        vendor_id: vendor.id,
        name: vendor.name.clone(),
        kind: vendor.kind,
        series,
        change_bp,
        slope_bp,
    }
}

/// Ordinary least squares over the number of the period: (nΣxy − ΣxΣy) / (nΣx² − (Σx)²), rounded half away from zero.
fn slope(series: &[SharePoint]) -> Option<i64> {
    let first = series.first()?.period.ordinal();
    let points = series.iter().map(|point| (i128::from(point.period.ordinal() - first), i128::from(point.share_bp)));
    let (mut n, mut x, mut y, mut xy, mut xx) = (0i128, 0i128, 0i128, 0i128, 0i128);
    for (at, share) in points {
        (n, x, y, xy, xx) = (n + 1, x + at, y + share, xy + at * share, xx + at * at);
    }
    let (rise, run) = (n * xy - x * y, n * xx - x * x);
    if run == 0 {
        return None;
    }
    let half = run / 2 * rise.signum();
    i64::try_from((rise + half) / run).ok()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use registry_contract::{CustomerId, VendorShare};
    use wire::Currency;

    use super::*;

    fn vendor(name: &str, kind: VendorKind) -> Vendor {
        Vendor {
            id: VendorId::new(),
            customer_id: CustomerId::new(),
            kind,
            name: name.into(),
            strengths: vec![],
            weaknesses: vec![],
            relations: vec![],
            note: None,
            same_as: None,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn line(product_line: &str, wallet: Option<i64>, shares: &[(VendorId, i32)]) -> ShareLine {
        let shares = shares.iter().map(|&(vendor_id, share_bp)| VendorShare { vendor_id, share_bp }).collect();
        let wallet = wallet.map(|minor| Money { minor, currency: Currency::CNY });
        ShareLine { product_line: product_line.into(), wallet, shares }
    }

    fn period(text: &str) -> Period {
        text.parse().expect("is a period")
    }

    #[test]
    fn each_fault_of_a_table_is_named() {
        let (a, b, other) = (VendorId::new(), VendorId::new(), VendorId::new());
        let lines = vec![
            line("Routers", Some(-1), &[(a, 6_000), (b, 4_001)]),
            line("ｒｏｕｔｅｒｓ", None, &[(a, 1), (a, 10_001), (other, -1)]),
        ];
        let known = HashMap::from([(a, a), (b, b)]);
        let faults =
            ShareTable::parse(VendorShares { lines }, period("2026-Q1"), &known).expect_err("is wrong").into_vec();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/lines/0/wallet/amount", "out-of-range"),
                ("/lines/0/shares", "shares-exceeded"),
                ("/lines/1/product_line", "not-unique"),
                ("/lines/1/shares/1/vendor_id", "not-unique"),
                ("/lines/1/shares/1/share_bp", "out-of-range"),
                ("/lines/1/shares/2/vendor_id", "unknown-vendor"),
                ("/lines/1/shares/2/share_bp", "out-of-range"),
                ("/lines/1/shares", "shares-exceeded"),
            ]
        );
        assert_eq!(faults[1].message, "the shares of \"Routers\" in 2026-Q1 sum to 100.01 %, more than 100 %");
    }

    #[test]
    fn the_structure_shows_the_rest_and_our_headroom() {
        let (us, them) = (vendor("Us", VendorKind::Ourselves), vendor("Them", VendorKind::Competitor));
        let lines = [line("Routers", Some(100_001), &[(us.id, 3_333), (them.id, 5_000)]), line("Switches", None, &[])];
        let vendors = HashMap::from([(us.id, us.clone()), (them.id, them.clone())]);
        let [routers, switches] = structure(&lines, &vendors).try_into().expect("two lines");
        let names: Vec<_> = routers.holders.iter().map(|holder| holder.name.as_str()).collect();
        assert_eq!(names, ["Them", "Us"]);
        assert_eq!((routers.known_bp, routers.unknown_bp), (8_333, 1_667));
        assert_eq!((routers.our_share_bp, routers.headroom_bp), (3_333, 6_667));
        assert_eq!(routers.headroom.map(|money| money.minor), Some(66_670));
        assert_eq!((switches.unknown_bp, switches.headroom_bp, switches.headroom), (10_000, 10_000, None));
    }

    #[test]
    fn what_two_vendors_have_who_are_one_is_that_ones() {
        let us = vendor("Us", VendorKind::Ourselves);
        let also_us = Vendor { same_as: Some(us.id), ..vendor("We", VendorKind::Ourselves) };
        let vendors = HashMap::from([(us.id, us.clone()), (also_us.id, also_us.clone())]);
        let both = [line("Routers", None, &[(us.id, 3_000), (also_us.id, 1_000)])];
        let [routers] = structure(&both, &vendors).try_into().expect("a line");
        let holders: Vec<_> = routers.holders.iter().map(|holder| (holder.vendor_id, holder.share_bp)).collect();
        assert_eq!((holders, routers.our_share_bp), (vec![(us.id, 4_000)], 4_000));
        let tables = [(us.id, "2026-Q1"), (also_us.id, "2026-Q2")]
            .map(|(id, at)| (period(at), vec![line("Routers", None, &[(id, 1_000)])]));
        let [trend] = trends(&tables, PeriodLength::Quarter, None, &vendors).try_into().expect("a trend");
        assert_eq!((trend.vendor_id, trend.series.len(), trend.change_bp), (us.id, 2, Some(0)));
        let known = HashMap::from([(us.id, us.id), (also_us.id, us.id)]);
        let faults = ShareTable::parse(VendorShares { lines: both.to_vec() }, period("2026"), &known);
        assert_eq!(faults.expect_err("is wrong").as_slice()[0].pointer, "/lines/0/shares/1/vendor_id");
    }

    #[test]
    fn only_what_changes_of_a_vendor_is_judged() {
        let [one, other] = ["Rival", "ＲＩＶＡＬ"].map(|name| vendor(name, VendorKind::Competitor));
        let renamed = |name: &str, others: &[Vendor]| {
            let wanted = NewVendor { name: name.into(), ..NewVendor::from(&one) };
            renamed_vendor(&one, &wanted, others).into_vec().len()
        };
        let third = vendor("Third", VendorKind::Competitor);
        assert_eq!(renamed("rival ", std::slice::from_ref(&other)), 0);
        assert_eq!(renamed("Third", &[other.clone(), third.clone()]), 1);
        let hidden = Vendor { same_as: Some(other.id), ..third.clone() };
        assert_eq!(renamed("Third", &[other.clone(), hidden.clone()]), 0);
        let us = vendor("Us", VendorKind::Ourselves);
        let twin = |twin: VendorId, others: &[Vendor]| {
            let faults = unfit_twin(&one, twin, others).into_vec();
            faults.into_iter().map(|fault| fault.code).collect::<Vec<_>>()
        };
        let of_one = Vendor { same_as: Some(one.id), ..third };
        for (named, others, expected) in [
            (other.id, vec![other.clone()], vec![]),
            (one.id, vec![other.clone()], vec!["itself"]),
            (us.id, vec![other.clone()], vec!["unknown-vendor"]),
            (us.id, vec![us], vec!["kinds-differ"]),
            (hidden.id, vec![hidden], vec!["same-as-another"]),
            (other.id, vec![other, of_one], vec!["same-as-another"]),
        ] {
            assert_eq!(twin(named, &others), expected);
        }
    }

    #[test]
    fn a_trend_is_a_line_through_what_is_known() {
        let us = vendor("Us", VendorKind::Ourselves);
        let vendors = HashMap::from([(us.id, us.clone())]);
        for (shares, change, slope) in [
            (vec![("2026-Q1", 1_000)], None, None),
            (vec![("2026-Q1", 1_000), ("2026-Q2", 1_500)], Some(500), Some(500)),
            (vec![("2026-Q3", 1_600), ("2026-Q1", 1_000)], Some(600), Some(300)),
            (vec![("2025-Q4", 3_000), ("2026-Q1", 2_000), ("2026-Q2", 2_500)], Some(500), Some(-250)),
            (vec![("2026-Q1", 0), ("2026-Q2", 1), ("2026-Q3", 1)], Some(0), Some(1)),
            (vec![("2026-Q1", 1_000), ("2026", 9_000)], None, None),
        ] {
            let tables: Vec<_> = shares
                .iter()
                .map(|(at, share)| (period(at), vec![line("Routers", None, &[(us.id, *share)])]))
                .collect();
            let [trend] =
                trends(&tables, PeriodLength::Quarter, Some("ROUTERS"), &vendors).try_into().expect("a trend");
            assert_eq!((trend.change_bp, trend.slope_bp), (change, slope), "{shares:?}");
        }
        assert_eq!(trends(&[], PeriodLength::Year, None, &vendors), []);
    }

    proptest! {
        #[test]
        fn no_sequence_of_tables_leaves_more_than_a_whole(
            tables in prop::collection::vec(prop::collection::vec(prop::collection::vec(-5..7_000i32, 0..5), 0..4), 1..8),
        ) {
            let vendors: Vec<_> = (0..5).map(|_| vendor("V", VendorKind::Competitor)).collect();
            let known: HashMap<_, _> = vendors.iter().map(|vendor| (vendor.id, vendor.id)).collect();
            let by_id: HashMap<_, _> = vendors.iter().map(|vendor| (vendor.id, vendor.clone())).collect();
            let mut recorded = vec![];
            for (number, lines) in tables.into_iter().enumerate() {
                let right = lines.iter().all(|shares| shares.iter().all(|bp| *bp >= 0) && shares.iter().sum::<i32>() <= WHOLE);
                let lines = lines.iter().enumerate().map(|(i, shares)| {
                    let shares: Vec<_> = vendors.iter().map(|vendor| vendor.id).zip(shares.iter().copied()).collect();
                    line(&format!("line {i}"), None, &shares)
                });
                let shares = VendorShares { lines: lines.collect() };
                let parsed = ShareTable::parse(shares, period("2026"), &known);
                prop_assert_eq!(parsed.is_ok(), right, "table {}", number);
                if let Ok(table) = parsed {
                    recorded = table.lines().to_vec();
                }
                for line in structure(&recorded, &by_id) {
                    prop_assert!((0..=WHOLE).contains(&line.known_bp));
                    prop_assert_eq!(line.known_bp + line.unknown_bp, WHOLE);
                }
            }
        }
    }
}
