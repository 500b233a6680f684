//! What a company's name is made of: a region, what is its own, what it does, its legal form, and perhaps a branch.

use std::ops::Range;

use super::fold::{fold, is_han};

/// Regions that names begin with: provinces, and the cities that most companies are registered in.
pub const REGIONS: &[&str] = &[
    "中国",
    "北京",
    "上海",
    "天津",
    "重庆",
    "广东",
    "广州",
    "深圳",
    "珠海",
    "佛山",
    "东莞",
    "中山",
    "惠州",
    "汕头",
    "浙江",
    "杭州",
    "宁波",
    "温州",
    "绍兴",
    "嘉兴",
    "金华",
    "台州",
    "湖州",
    "江苏",
    "南京",
    "苏州",
    "无锡",
    "常州",
    "南通",
    "徐州",
    "扬州",
    "镇江",
    "山东",
    "济南",
    "青岛",
    "烟台",
    "潍坊",
    "淄博",
    "威海",
    "福建",
    "福州",
    "厦门",
    "泉州",
    "漳州",
    "湖北",
    "武汉",
    "宜昌",
    "襄阳",
    "湖南",
    "长沙",
    "株洲",
    "湘潭",
    "四川",
    "成都",
    "绵阳",
    "陕西",
    "西安",
    "河南",
    "郑州",
    "洛阳",
    "河北",
    "石家庄",
    "唐山",
    "保定",
    "山西",
    "太原",
    "辽宁",
    "沈阳",
    "大连",
    "鞍山",
    "吉林",
    "长春",
    "黑龙江",
    "哈尔滨",
    "大庆",
    "安徽",
    "合肥",
    "芜湖",
    "江西",
    "南昌",
    "赣州",
    "广西",
    "南宁",
    "柳州",
    "桂林",
    "云南",
    "昆明",
    "贵州",
    "贵阳",
    "海南",
    "海口",
    "三亚",
    "甘肃",
    "兰州",
    "青海",
    "西宁",
    "宁夏",
    "银川",
    "新疆",
    "乌鲁木齐",
    "西藏",
    "拉萨",
    "内蒙古",
    "呼和浩特",
    "包头",
    "香港",
    "澳门",
    "台湾",
    "台北",
    "高雄",
];

/// What may stand behind a region's name.
const REGION_KINDS: &[&str] = &["特别行政区", "自治区", "省", "市"];

/// Legal forms at the end of Chinese names, the longest first.
pub const LEGAL_FORMS: &[&str] = &[
    "合伙企业特殊普通合伙",
    "合伙企业有限合伙",
    "合伙企业普通合伙",
    "集团股份有限公司",
    "控股股份有限公司",
    "特殊普通合伙",
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "控股有限公司",
    "有限合伙",
    "普通合伙",
    "合伙企业",
    "有限公司",
    "股份公司",
    "集团公司",
    "总公司",
    "分公司",
    "子公司",
    "公司",
];

/// What stands in the middle of a name as a legal form does.
const GROUP: &str = "集团";

/// A folded name without anything but letters and digits, and where its words begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub chars: Vec<char>,
    /// Ascending, 0 not among them.
    pub words: Vec<usize>,
    /// Where the name goes on behind its regions; 0 when it has none.
    pub own: usize,
    /// Where the Chinese legal form begins; the end when there is none.
    pub form: usize,
    /// Legal forms before that one, as in the name of a branch.
    within: Vec<Range<usize>>,
}

impl Name {
    pub fn of(text: &str) -> Self {
        let (mut chars, mut words) = (Vec::new(), Vec::new());
        let mut before = None;
        for c in fold(text).chars() {
            if !c.is_alphanumeric() {
                before = None;
                continue;
            }
            if !chars.is_empty() && before != Some(is_han(c)) {
                words.push(chars.len());
            }
            before = Some(is_han(c));
            chars.push(c);
        }
        let regions = behind_regions(&chars);
        words.extend(&regions);
        words.sort_unstable();
        words.dedup();
        let own = regions.last().copied().unwrap_or(0);
        let form =
            chars.len() - LEGAL_FORMS.iter().find(|form| ends_with(&chars, form)).map_or(0, |f| f.chars().count());
        let form = form.max(own);
        let within = forms_within(&chars[..form], own);
        Self { chars, words, own, form, within }
    }

    pub fn from(&self, start: usize) -> String {
        self.chars[start..].iter().collect()
    }

    /// Where the name goes on behind a legal form in its middle, and then behind the region that stands there: a branch or a
    /// site is asked for by its own name.
    pub fn branches(&self) -> Vec<usize> {
        let mut starts = Vec::new();
        for form in &self.within {
            let part = &self.chars[form.end..self.form];
            let own = std::iter::once(0).chain(behind_regions(part));
            let fit = own.filter(|start| part.len() >= start + 2 && form_at(&part[*start..]) == 0);
            starts.extend(fit.map(|start| form.end + start));
        }
        starts
    }

    /// The Chinese characters behind the first from which the name is asked for: all up to the last but one before its legal
    /// form, and of a legal form in its middle the first.
    pub fn inside(&self) -> impl Iterator<Item = usize> {
        (self.own + 1..self.form.saturating_sub(1)).filter(move |at| {
            let within_form = self.within.iter().any(|form| form.start < *at && *at < form.end);
            is_han(self.chars[*at]) && !within_form
        })
    }
}

/// Where a name goes on behind each of at most two regions; one that would leave less than two characters is none.
fn behind_regions(chars: &[char]) -> Vec<usize> {
    let (mut at, mut behind) = (0, Vec::new());
    for _ in 0..2 {
        let Some(region) = REGIONS.iter().find(|region| starts_with(&chars[at..], region)) else { break };
        let mut next = at + region.chars().count();
        if let Some(kind) = REGION_KINDS.iter().find(|kind| starts_with(&chars[next..], kind)) {
            next += kind.chars().count();
        }
        if chars.len() < next + 2 {
            break;
        }
        at = next;
        behind.push(at);
    }
    behind
}

/// The legal forms of a name from a character on, each as long as it can be.
fn forms_within(chars: &[char], from: usize) -> Vec<Range<usize>> {
    let (mut at, mut forms) = (from, Vec::new());
    while at < chars.len() {
        let length = form_at(&chars[at..]);
        if length > 0 {
            forms.push(at..at + length);
        }
        at += length.max(1);
    }
    forms
}

/// How long the legal form is that a text begins with; 0 where it begins with none.
fn form_at(chars: &[char]) -> usize {
    let form = LEGAL_FORMS.iter().chain([&GROUP]).find(|form| starts_with(chars, form));
    form.map_or(0, |form| form.chars().count())
}

/// The region that a folded name begins with.
pub fn region(name: &str) -> Option<&'static str> {
    REGIONS.iter().copied().find(|region| name.starts_with(region))
}

fn starts_with(chars: &[char], word: &str) -> bool {
    let mut rest = chars.iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

fn ends_with(chars: &[char], word: &str) -> bool {
    let mut rest = chars.iter().rev();
    word.chars().rev().all(|c| rest.next() == Some(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_their_parts() {
        for (text, own, form, words) in [
            ("深圳市华为技术有限公司", "华为技术有限公司", "有限公司", vec!["华为技术有限公司"]),
            ("深圳能源", "能源", "", vec!["能源"]),
            ("深圳", "深圳", "", vec![]),
            ("广东省深圳市万科Ａ", "万科a", "", vec!["深圳市万科a", "万科a", "a"]),
            ("中国北京同仁堂", "同仁堂", "", vec!["北京同仁堂", "同仁堂"]),
            ("南山投资合伙企业（有限合伙）", "南山投资合伙企业有限合伙", "合伙企业有限合伙", vec!["有限合伙"]),
            ("華為技術（深圳）有限公司", "华为技术深圳有限公司", "有限公司", vec!["深圳有限公司", "有限公司"]),
            ("*ST国华", "st国华", "", vec!["国华"]),
            ("Same  Name, Inc.", "samenameinc", "", vec!["nameinc", "inc"]),
            ("—", "", "", vec![]),
        ] {
            let name = Name::of(text);
            assert_eq!((name.from(name.own).as_str(), name.from(name.form).as_str()), (own, form), "{text}");
            assert_eq!(name.words.iter().map(|start| name.from(*start)).collect::<Vec<_>>(), words, "{text}");
        }
    }
    #[test]
    fn what_stands_behind_a_legal_form_is_a_branch() {
        for (text, branches, inside) in [
            ("深圳市华为技术有限公司", vec![], "为技"),
            ("中国工商银行股份有限公司深圳南山支行", vec!["深圳南山支行", "南山支行"], "商银行股深圳南山支"),
            ("国网江苏省电力有限公司无锡供电分公司", vec!["无锡供电分公司", "供电分公司"], "网江苏省电力有无锡供"),
            (
                "中国移动通信集团广东有限公司深圳分公司",
                vec!["广东有限公司深圳分公司", "深圳分公司"],
                "动通信集广东有深",
            ),
            ("万科企业集团", vec![], "科企业集"),
            ("上海电气集团控股有限公司", vec![], "气集"),
            ("有限公司", vec![], ""),
            ("公司", vec![], ""),
            ("Acme有限公司Site", vec!["site"], "有"),
        ] {
            let name = Name::of(text);
            let found: Vec<_> = name.branches().into_iter().map(|start| name.from(start)).collect();
            assert_eq!(found, branches, "{text}");
            assert_eq!(name.inside().map(|at| name.chars[at]).collect::<String>(), inside, "{text}");
        }
    }
}
