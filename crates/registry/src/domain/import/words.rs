//! Words of files for our own. Only those that mean one of ours and nothing else; `http/imports.rs` documents them.

use std::str::FromStr;

use registry_contract::{CustomerKind, Lifecycle, Tier};

use super::fields::plain;

/// Other words for some of ours, folded, with `_` for spaces and hyphens.
pub type Words<T> = &'static [(T, &'static [&'static str])];

#[rustfmt::skip]
pub const KINDS: Words<CustomerKind> = &[
    (CustomerKind::Consumer, &["消费者", "个人", "个人客户", "person", "individual"]),
    (CustomerKind::Buyer, &["顾客"]),
    (CustomerKind::Enterprise, &["企业", "企业客户", "公司", "公司客户", "company", "corporate", "organisation", "organization"]),
    (CustomerKind::Intermediary, &["中间客户", "中间商"]),
    (CustomerKind::ChannelPartner, &["渠道", "渠道商", "渠道客户", "渠道伙伴", "代理商", "经销商", "分销商", "终端", "channel", "agent", "dealer", "distributor", "reseller"]),
];

/// Beside the letters themselves, as [`tier_letter`] reads them.
#[rustfmt::skip]
pub const TIERS: Words<Tier> = &[
    (Tier::S, &["战略", "战略客户", "strategic"]),
    (Tier::A, &["伙伴", "伙伴客户"]),
    (Tier::B, &["价值", "价值客户", "优先", "优先客户"]),
    (Tier::C, &["一般", "一般客户", "general"]),
];

#[rustfmt::skip]
pub const STAGES: Words<Lifecycle> = &[
    (Lifecycle::Suspect, &["猜疑"]),
    (Lifecycle::Prospect, &["期望"]),
    (Lifecycle::FirstPurchase, &["首购", "首次购买"]),
    (Lifecycle::Repeat, &["复购", "重复购买", "repeat_purchase"]),
    (Lifecycle::Advocate, &["品牌宣传", "promoter"]),
    (Lifecycle::Lapsed, &["流失", "已流失", "churned", "lost"]),
    (Lifecycle::Regained, &["再生", "赢回", "won_back"]),
];

/// Behind a tier's letter.
const BEHIND: [&str; 4] = ["级客户", "类客户", "级", "类"];
/// Before it.
const BEFORE: [&str; 4] = ["tier_", "class_", "grade_", "level_"];

/// The word of ours that a cell has, in our own words or in others.
///
/// # Errors
/// What our own words are.
pub fn read<T: Copy + FromStr + 'static>(cell: &str, others: Words<T>) -> Result<T, T::Err> {
    let folded = plain(cell);
    match others.iter().find(|(_, words)| words.contains(&folded.as_str())) {
        Some((own, _)) => Ok(*own),
        None => folded.parse::<T>().or_else(|_| cell.to_lowercase().parse::<T>()),
    }
}

/// The same of a tier, whose letter may stand alone or with what it is a letter of.
///
/// # Errors
/// What our own tiers are.
pub fn read_tier(cell: &str) -> Result<Tier, <Tier as FromStr>::Err> {
    let folded = plain(cell);
    match TIERS.iter().find(|(_, words)| words.contains(&folded.as_str())) {
        Some((own, _)) => Ok(*own),
        None => tier_letter(&folded).parse::<Tier>().or_else(|_| cell.to_uppercase().parse::<Tier>()),
    }
}

fn tier_letter(folded: &str) -> String {
    let behind = BEHIND.iter().find_map(|behind| folded.strip_suffix(*behind));
    let before = || BEFORE.iter().find_map(|before| folded.strip_prefix(*before));
    behind.or_else(before).unwrap_or(folded).trim_end_matches('_').to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As they are read, without those that are not.
    fn tiers(cells: &[&str]) -> Vec<Tier> {
        cells.iter().filter_map(|cell| read_tier(cell).ok()).collect()
    }

    #[test]
    fn words_of_people_mean_ours() {
        for (cell, kind) in [
            ("企业客户", CustomerKind::Enterprise),
            ("企業客戶", CustomerKind::Enterprise),
            ("ＣＯＭＰＡＮＹ", CustomerKind::Enterprise),
            ("Channel Partner", CustomerKind::ChannelPartner),
            ("经销商", CustomerKind::ChannelPartner),
            ("enterprise", CustomerKind::Enterprise),
        ] {
            assert_eq!(read(cell, KINDS).ok(), Some(kind), "{cell}");
        }
        for (cell, stage) in [("流失", Lifecycle::Lapsed), ("First Purchase", Lifecycle::FirstPurchase)] {
            assert_eq!(read(cell, STAGES).ok(), Some(stage), "{cell}");
        }
        assert_eq!(tiers(&["s", "Ａ级", "B类客户", "Tier C", "Class-S", "战略", "一般客户"]).len(), 7);
        assert_eq!(tiers(&["S级", "A 级", "level b", "优先"]), [Tier::S, Tier::A, Tier::B, Tier::B]);
    }

    #[test]
    fn words_that_could_mean_several_mean_nothing() {
        assert_eq!(tiers(&["重点", "重点客户", "大客户", "VIP", "partner", "D级", "级", "AB类"]), []);
        for cell in ["合作伙伴", "partner", "客户", "政府"] {
            assert!(read(cell, KINDS).is_err(), "{cell}");
        }
        for cell in ["潜在客户", "lead", "新客户"] {
            assert!(read(cell, STAGES).is_err(), "{cell}");
        }
        let told = read_tier("x").map_err(|error| error.to_string());
        assert_eq!(told, Err("\"X\" is none of S, A, B, C".to_owned()));
    }

    #[test]
    fn each_word_is_folded_is_there_once_and_is_documented() {
        let documented = include_str!("../../http/imports.rs");
        let kinds = KINDS.iter().flat_map(|(_, words)| words.iter());
        let tiers = TIERS.iter().flat_map(|(_, words)| words.iter());
        let stages = STAGES.iter().flat_map(|(_, words)| words.iter());
        for words in [kinds.collect::<Vec<_>>(), tiers.collect(), stages.collect()] {
            for (at, word) in words.iter().enumerate() {
                assert_eq!(plain(word), **word);
                assert!(!words[..at].contains(word), "{word}");
                assert!(documented.contains(**word), "{word}");
            }
        }
        for word in BEHIND {
            assert!(documented.contains(word), "{word}");
        }
    }
}
