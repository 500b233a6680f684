use std::collections::HashMap;

use registry_contract::{FinancialAnalysis, FinancialRatios, ProfileContent};
use wire::Money;

use super::content::amounts;

/// The ratios of each period, as accountants define them (revenue, liabilities and so on are of the same period; growth is
/// against the same part of the year before, where the section has it).
pub fn ratios(finance: &FinancialAnalysis) -> Vec<FinancialRatios> {
    let revenue: HashMap<_, _> = finance.periods.iter().map(|period| (period.key, period.revenue)).collect();
    finance
        .periods
        .iter()
        .map(|period| FinancialRatios {
            period: period.key,
            growth_bp: growth(period.revenue, revenue.get(&period.key.year_before()).copied().flatten()),
            gross_margin_bp: basis_points(period.gross_profit, period.revenue),
            net_margin_bp: basis_points(period.net_profit, period.revenue),
            debt_bp: basis_points(period.total_liabilities, period.total_assets),
            current_bp: basis_points(period.current_assets, period.current_liabilities),
            cash_conversion_bp: basis_points(period.operating_cash_flow, period.net_profit),
        })
        .collect()
}

fn growth(now: Option<Money>, before: Option<Money>) -> Option<i64> {
    quotient(i128::from(now?.minor) - i128::from(before?.minor), before?.minor.into())
}

fn basis_points(part: Option<Money>, whole: Option<Money>) -> Option<i64> {
    quotient(part?.minor.into(), whole?.minor.into())
}

/// In basis points, rounded half away from zero.
fn quotient(part: i128, whole: i128) -> Option<i64> {
    let scaled = part * 10_000;
    let rounded = scaled.checked_div(whole)?;
    let (rest, sign) = ((scaled % whole).abs(), scaled.signum() * whole.signum());
    let rounded = if rest * 2 >= whole.abs() { rounded + sign } else { rounded };
    rounded.try_into().ok()
}

/// How much of what a section has room for is there, in per cent, rounded down.
pub fn completeness(content: &ProfileContent) -> i32 {
    let parts: Vec<bool> = match content {
        ProfileContent::MacroEnvironment(macro_environment) => {
            let mut parts: Vec<_> = registry_contract::PestArea::ALL
                .iter()
                .map(|area| macro_environment.factors.iter().any(|factor| factor.area == *area))
                .collect();
            parts.push(macro_environment.summary.is_some());
            parts
        }
        ProfileContent::IndustryDynamics(industry) => vec![
            industry.phase.is_some(),
            industry.market_size.is_some(),
            industry.growth_bp.is_some(),
            !industry.trends.is_empty(),
            industry.summary.is_some(),
        ],
        ProfileContent::Competition(competition) => vec![
            competition.position.is_some(),
            competition.market_share_bp.is_some(),
            !competition.competitors.is_empty(),
        ],
        ProfileContent::StrategyAndPainPoints(strategy) => {
            vec![!strategy.goals.is_empty(), !strategy.pain_points.is_empty()]
        }
        ProfileContent::FinancialAnalysis(finance) => vec![
            finance.periods.iter().any(|period| amounts(period).iter().any(|(_, _, money)| money.is_some())),
            finance.payment_days.is_some(),
            finance.credit_rating.is_some(),
            finance.assessment.is_some(),
        ],
        ProfileContent::OrganisationAndPurchasing(organisation) => vec![
            organisation.organisation.is_some(),
            organisation.purchasing_mode.is_some(),
            !organisation.steps.is_empty(),
            organisation.cycle_days.is_some(),
            organisation.annual_budget.is_some(),
            organisation.budget_month.is_some(),
            !organisation.rules.is_empty(),
        ],
        ProfileContent::SwotSummary(swot) => vec![
            !swot.strengths.is_empty(),
            !swot.weaknesses.is_empty(),
            !swot.opportunities.is_empty(),
            !swot.threats.is_empty(),
            swot.conclusion.is_some(),
        ],
    };
    let there = parts.iter().filter(|part| **part).count();
    i32::try_from(there * 100 / parts.len()).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ratios_are_rounded_and_say_when_they_cannot_be() {
        let yuan = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        let finance: FinancialAnalysis = serde_json::from_value(json!({ "periods": [
            { "key": "2024", "revenue": yuan("300") },
            { "key": "2025", "revenue": yuan("400"), "gross_profit": yuan("100"), "net_profit": yuan("-2.50"),
              "total_assets": yuan("3"), "total_liabilities": yuan("2"), "current_assets": yuan("1"),
              "current_liabilities": yuan("0") },
        ]}))
        .expect("an analysis");
        let [_, last] = ratios(&finance).try_into().expect("two periods");
        let expected = FinancialRatios {
            period: "2025".parse().expect("a period"),
            growth_bp: Some(3_333),
            gross_margin_bp: Some(2_500),
            net_margin_bp: Some(-63),
            debt_bp: Some(6_667),
            current_bp: None,
            cash_conversion_bp: None,
        };
        assert_eq!(last, expected);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (part, whole, expected) in
            [(1, 3, Some(3_333)), (2, 3, Some(6_667)), (-1, 20_000, Some(-1)), (1, -20_000, Some(-1)), (1, 0, None)]
        {
            assert_eq!(quotient(part, whole), expected, "{part}/{whole}");
        }
    }

    #[test]
    fn what_is_empty_is_not_complete() {
        let complete = |section: &str, content: serde_json::Value| {
            completeness(&serde_json::from_value(json!({ "section": section, "content": content })).expect("content"))
        };
        for section in registry_contract::ProfileSection::WORDS {
            assert_eq!(complete(section, json!({})), 0, "{section}");
        }
        let goals = json!({ "goals": [{ "key": "a", "words": "x", "source": "y", "said_on": "2026-01-01" }] });
        assert_eq!(complete("strategy_and_pain_points", goals), 50);
        assert_eq!(complete("financial_analysis", json!({ "periods": [{ "key": "2025" }] })), 0, "no figure yet");
    }
}
