use std::collections::HashSet;
use std::ops::Deref;

use chrono::NaiveDate;
use registry_contract::{
    Evidence, FinancialAnalysis, FinancialPeriod, PositionId, ProfileContent, ProfileEdit, Saying, Statement,
};
use wire::Money;

use crate::domain::faults::Faults;
use crate::domain::shape;

const NAME: usize = 200;
const STATEMENT: usize = 1000;
const LONG: usize = 2000;

/// What a draft says, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileDetails(ProfileEdit<ProfileContent>);

impl ProfileDetails {
    /// Trims what is text and names every fault at once; nothing was said later than `today`.
    pub fn parse(mut edit: ProfileEdit<ProfileContent>, today: NaiveDate) -> Result<Self, Faults> {
        let mut faults = content(&mut edit.content, today).under("/content");
        evidence(&mut faults, &mut edit.evidence);
        if let ProfileContent::StrategyAndPainPoints(strategy) = &edit.content {
            let known: HashSet<_> = edit.evidence.iter().map(Evidence::key).collect();
            unknown_evidence(&mut faults, "/content/goals", &strategy.goals, &known);
            unknown_evidence(&mut faults, "/content/pain_points", &strategy.pain_points, &known);
        }
        faults.or(Self(edit))
    }

    /// The seats that the content names, each with its pointer.
    pub fn positions(content: &ProfileContent) -> Vec<(String, PositionId)> {
        let ProfileContent::OrganisationAndPurchasing(organisation) = content else { return vec![] };
        let steps = organisation.steps.iter().enumerate();
        steps.filter_map(|(i, step)| Some((format!("/content/steps/{i}/position_id"), step.position_id?))).collect()
    }
}

impl Deref for ProfileDetails {
    type Target = ProfileEdit<ProfileContent>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

fn content(content: &mut ProfileContent, today: NaiveDate) -> Faults {
    let mut faults = Faults::default();
    match content {
        ProfileContent::MacroEnvironment(macro_environment) => {
            keys(&mut faults, "/factors", macro_environment.factors.iter().map(|factor| &factor.key));
            for (i, factor) in macro_environment.factors.iter_mut().enumerate() {
                faults.text(&format!("/factors/{i}/statement"), &mut factor.statement, STATEMENT, &[]);
            }
            faults.optional_text("/summary", &mut macro_environment.summary, LONG, &[]);
        }
        ProfileContent::IndustryDynamics(industry) => {
            amount(&mut faults, "/market_size", industry.market_size.as_ref(), 0);
            faults.range("/growth_bp", industry.growth_bp, -10_000, 100_000);
            keys(&mut faults, "/trends", industry.trends.iter().map(|trend| &trend.key));
            for (i, trend) in industry.trends.iter_mut().enumerate() {
                faults.text(&format!("/trends/{i}/statement"), &mut trend.statement, STATEMENT, &[]);
            }
            faults.optional_text("/summary", &mut industry.summary, LONG, &[]);
        }
        ProfileContent::Competition(competition) => {
            faults.optional_text("/position", &mut competition.position, LONG, &[]);
            faults.range("/market_share_bp", competition.market_share_bp, 0, 10_000);
            keys(&mut faults, "/competitors", competition.competitors.iter().map(|rival| &rival.key));
            for (i, rival) in competition.competitors.iter_mut().enumerate() {
                let at = format!("/competitors/{i}");
                faults.text(&format!("{at}/name"), &mut rival.name, NAME, &[]);
                faults.range(&format!("{at}/market_share_bp"), rival.market_share_bp, 0, 10_000);
                faults.optional_text(&format!("{at}/strengths"), &mut rival.strengths, STATEMENT, &[]);
                faults.optional_text(&format!("{at}/weaknesses"), &mut rival.weaknesses, STATEMENT, &[]);
            }
        }
        ProfileContent::StrategyAndPainPoints(strategy) => {
            sayings(&mut faults, "/goals", &mut strategy.goals, today);
            sayings(&mut faults, "/pain_points", &mut strategy.pain_points, today);
        }
        ProfileContent::FinancialAnalysis(finance) => figures(&mut faults, finance),
        ProfileContent::OrganisationAndPurchasing(organisation) => {
            faults.optional_text("/organisation", &mut organisation.organisation, LONG, &[]);
            keys(&mut faults, "/steps", organisation.steps.iter().map(|step| &step.key));
            for (i, step) in organisation.steps.iter_mut().enumerate() {
                faults.text(&format!("/steps/{i}/name"), &mut step.name, NAME, &[]);
                faults.range(&format!("/steps/{i}/days"), step.days, 0, 3650);
            }
            faults.range("/cycle_days", organisation.cycle_days, 1, 3650);
            amount(&mut faults, "/annual_budget", organisation.annual_budget.as_ref(), 0);
            faults.range("/budget_month", organisation.budget_month, 1, 12);
            statements(&mut faults, "/rules", &mut organisation.rules);
        }
        ProfileContent::SwotSummary(swot) => {
            statements(&mut faults, "/strengths", &mut swot.strengths);
            statements(&mut faults, "/weaknesses", &mut swot.weaknesses);
            statements(&mut faults, "/opportunities", &mut swot.opportunities);
            statements(&mut faults, "/threats", &mut swot.threats);
            faults.optional_text("/conclusion", &mut swot.conclusion, LONG, &[]);
        }
    }
    faults
}

fn sayings(faults: &mut Faults, at: &str, sayings: &mut [Saying], today: NaiveDate) {
    keys(faults, at, sayings.iter().map(|saying| &saying.key));
    for (i, saying) in sayings.iter_mut().enumerate() {
        faults.text(&format!("{at}/{i}/words"), &mut saying.words, LONG, &[]);
        faults.text(&format!("{at}/{i}/source"), &mut saying.source, 300, &[]);
        if saying.said_on > today {
            faults.add(&format!("{at}/{i}/said_on"), "in-future", "must not lie in the future");
        }
        faults.optional_text(&format!("{at}/{i}/reading"), &mut saying.reading, STATEMENT, &[]);
    }
}

fn unknown_evidence(faults: &mut Faults, at: &str, sayings: &[Saying], known: &HashSet<&str>) {
    for (i, saying) in sayings.iter().enumerate() {
        if saying.evidence.as_ref().is_some_and(|key| !known.contains(key.as_str())) {
            faults.add(&format!("{at}/{i}/evidence"), "unknown-evidence", "no evidence of this draft has this key");
        }
    }
}

fn statements(faults: &mut Faults, at: &str, statements: &mut [Statement]) {
    keys(faults, at, statements.iter().map(|statement| &statement.key));
    for (i, statement) in statements.iter_mut().enumerate() {
        faults.text(&format!("{at}/{i}/statement"), &mut statement.statement, STATEMENT, &[]);
    }
}

fn figures(faults: &mut Faults, finance: &mut FinancialAnalysis) {
    let mut seen = HashSet::new();
    let mut currency = None;
    for (i, period) in finance.periods.iter().enumerate() {
        if !seen.insert(period.key) {
            faults.add(&format!("/periods/{i}/key"), "not-unique", "is there twice");
        }
        for (name, least, money) in amounts(period) {
            let Some(money) = money else { continue };
            let at = format!("/periods/{i}/{name}");
            amount(faults, &at, Some(&money), least);
            if *currency.get_or_insert(money.currency) != money.currency {
                faults.add(&format!("{at}/currency"), "mixed-currencies", "must be the currency of the other amounts");
            }
        }
    }
    faults.range("/payment_days", finance.payment_days, 0, 1000);
    faults.optional_text("/credit_rating", &mut finance.credit_rating, 20, &[]);
    faults.optional_text("/assessment", &mut finance.assessment, LONG, &[]);
}

/// Each figure with its name and its least value: a profit may be a loss.
pub(super) fn amounts(period: &FinancialPeriod) -> [(&'static str, i64, Option<Money>); 8] {
    [
        ("revenue", 0, period.revenue),
        ("gross_profit", i64::MIN, period.gross_profit),
        ("net_profit", i64::MIN, period.net_profit),
        ("operating_cash_flow", i64::MIN, period.operating_cash_flow),
        ("total_assets", 0, period.total_assets),
        ("total_liabilities", 0, period.total_liabilities),
        ("current_assets", 0, period.current_assets),
        ("current_liabilities", 0, period.current_liabilities),
    ]
}

fn amount(faults: &mut Faults, at: &str, money: Option<&Money>, least: i64) {
    let Some(money) = money else { return };
    if money.minor < least {
        faults.add(&format!("{at}/amount"), "out-of-range", "must not be negative");
    }
    if let Some((code, message)) = shape::currency(money.currency.as_str()) {
        faults.add(&format!("{at}/currency"), code, message);
    }
}

fn evidence(faults: &mut Faults, evidence: &mut [Evidence]) {
    let own: Vec<String> = evidence.iter().map(|one| one.key().to_owned()).collect();
    keys(faults, "/evidence", own.iter());
    for (i, one) in evidence.iter_mut().enumerate() {
        match one {
            Evidence::Link { title, url, .. } => {
                faults.text(&format!("/evidence/{i}/title"), title, NAME, &[]);
                faults.text(&format!("/evidence/{i}/url"), url, LONG, &[shape::website]);
            }
            Evidence::Interaction { title, .. } => faults.text(&format!("/evidence/{i}/title"), title, NAME, &[]),
            Evidence::Document { title, reference, .. } => {
                faults.text(&format!("/evidence/{i}/title"), title, NAME, &[]);
                faults.text(&format!("/evidence/{i}/reference"), reference, NAME, &[]);
            }
        }
    }
}

/// An item is known by its key, so each has one of its own.
fn keys<'a>(faults: &mut Faults, at: &str, keys: impl Iterator<Item = &'a String>) {
    let mut seen = HashSet::new();
    for (i, key) in keys.enumerate() {
        if let Some((code, message)) = shape::key(key) {
            faults.add(&format!("{at}/{i}/key"), code, message);
        }
        if !seen.insert(key) {
            faults.add(&format!("{at}/{i}/key"), "not-unique", "is there twice");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn faults(section: &str, content: Value, evidence: Value) -> Vec<(String, String)> {
        let edit: ProfileEdit<ProfileContent> = serde_json::from_value(json!({
            "content": { "section": section, "content": content }, "evidence": evidence,
        }))
        .expect("an edit");
        let today = NaiveDate::from_ymd_opt(2026, 6, 30).expect("a day");
        match ProfileDetails::parse(edit, today) {
            Ok(_) => vec![],
            Err(faults) => faults.into_vec().into_iter().map(|fault| (fault.pointer, fault.code)).collect(),
        }
    }

    #[test]
    fn each_section_names_its_faults_at_once() {
        let money = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
        let saying = |key: &str, day: &str| json!({ "key": key, "words": "要快", "source": "CEO", "said_on": day });
        for (section, content, expected) in [
            (
                "macro_environment",
                json!({ "factors": [
                    { "key": "a", "area": "political", "statement": " ", "effect": "hurts" },
                    { "key": "a", "area": "social", "statement": "x", "effect": "helps" },
                ]}),
                vec![("/content/factors/1/key", "not-unique"), ("/content/factors/0/statement", "blank")],
            ),
            (
                "industry_dynamics",
                json!({ "market_size": money("-1", "XXX"), "growth_bp": -10_001 }),
                vec![
                    ("/content/market_size/amount", "out-of-range"),
                    ("/content/market_size/currency", "unknown-currency"),
                    ("/content/growth_bp", "out-of-range"),
                ],
            ),
            (
                "competition",
                json!({ "competitors": [{ "key": "A b", "name": "x", "market_share_bp": 10_001 }] }),
                vec![
                    ("/content/competitors/0/key", "bad-format"),
                    ("/content/competitors/0/market_share_bp", "out-of-range"),
                ],
            ),
            (
                "strategy_and_pain_points",
                json!({ "goals": [saying("speed", "2026-06-30")], "pain_points": [saying("late", "2026-07-01")] }),
                vec![("/content/pain_points/0/said_on", "in-future")],
            ),
            (
                "financial_analysis",
                json!({ "periods": [
                    { "key": "2025", "revenue": money("1", "CNY"), "net_profit": money("-1", "CNY") },
                    { "key": "2025", "revenue": money("-1", "USD") },
                ]}),
                vec![
                    ("/content/periods/1/key", "not-unique"),
                    ("/content/periods/1/revenue/amount", "out-of-range"),
                    ("/content/periods/1/revenue/currency", "mixed-currencies"),
                ],
            ),
            (
                "organisation_and_purchasing",
                json!({ "cycle_days": 0, "budget_month": 13, "rules": [{ "key": "r", "statement": "" }] }),
                vec![
                    ("/content/cycle_days", "out-of-range"),
                    ("/content/budget_month", "out-of-range"),
                    ("/content/rules/0/statement", "blank"),
                ],
            ),
            ("swot_summary", json!({ "conclusion": "\u{7}" }), vec![("/content/conclusion", "control-character")]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(p, c)| (p.to_owned(), c.to_owned())).collect();
            assert_eq!(faults(section, content, json!([])), expected, "{section}");
        }
    }

    #[test]
    fn evidence_is_known_by_its_key() {
        let said = |evidence: &str| json!({ "goals": [{ "key": "a", "words": "x", "source": "y", "said_on": "2026-01-01", "evidence": evidence }] });
        let link = json!([{ "kind": "link", "key": "report", "title": "Report", "url": "https://example.com" }]);
        assert_eq!(faults("strategy_and_pain_points", said("report"), link.clone()), []);
        let unknown = [("/content/goals/0/evidence".to_owned(), "unknown-evidence".to_owned())];
        assert_eq!(faults("strategy_and_pain_points", said("speech"), link), unknown);
        let bad = json!([{ "kind": "link", "key": "a", "title": "x", "url": "ftp://example.com" }]);
        assert_eq!(faults("swot_summary", json!({}), bad), [("/evidence/0/url".to_owned(), "bad-format".to_owned())]);
    }
}
