//! What a company's name is made of: a region, what is its own, what it does, its legal form.

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
    "集团股份有限公司",
    "控股股份有限公司",
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "控股有限公司",
    "有限公司",
    "股份公司",
    "集团公司",
    "总公司",
    "分公司",
    "子公司",
    "公司",
];

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
        let own = behind_regions(&chars);
        if own > 0 && !words.contains(&own) {
            words.push(own);
            words.sort_unstable();
        }
        let form =
            chars.len() - LEGAL_FORMS.iter().find(|form| ends_with(&chars, form)).map_or(0, |f| f.chars().count());
        Self { chars, words, own, form: form.max(own) }
    }

    pub fn from(&self, start: usize) -> String {
        self.chars[start..].iter().collect()
    }
}

/// Where a name goes on behind at most two regions; a name that would have less than two characters left has none.
fn behind_regions(chars: &[char]) -> usize {
    let mut at = 0;
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
    }
    at
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
            ("广东省深圳市万科Ａ", "万科a", "", vec!["万科a", "a"]),
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
}
