//! Invented names. Any likeness to a living person or a registered company is chance: syllables are drawn, not copied.

use std::collections::HashSet;

use super::places::Place;
use super::random::Random;

/// A trade the demo's customers are in: the code stored, and the words their names are made of.
#[derive(Clone, Copy, Debug)]
pub struct Industry {
    pub code: &'static str,
    chinese: &'static [&'static str],
    english: &'static [&'static str],
}

const fn trade(code: &'static str, chinese: &'static [&'static str], english: &'static [&'static str]) -> Industry {
    Industry { code, chinese, english }
}

pub const INDUSTRIES: &[(Industry, u32)] = &[
    (trade("telecommunications", &["通信", "网络", "信息网络"], &["Telecom", "Networks", "Communications"]), 14),
    (trade("energy", &["能源", "电力", "新能源"], &["Energy", "Power", "Renewables"]), 11),
    (trade("machinery", &["重工", "精密机械", "装备制造"], &["Machinery", "Precision", "Engineering"]), 13),
    (trade("automotive", &["汽车", "汽车零部件"], &["Automotive", "Motors", "Drivetrain"]), 8),
    (trade("electronics", &["电子", "半导体", "光电"], &["Electronics", "Semiconductor", "Photonics"]), 11),
    (trade("chemicals", &["化工", "新材料"], &["Chemicals", "Materials"]), 7),
    (trade("finance", &["银行", "保险", "证券"], &["Bank", "Insurance", "Capital"]), 8),
    (trade("healthcare", &["医药", "医疗器械", "医院管理"], &["Pharma", "Medical", "Health"]), 7),
    (trade("logistics", &["物流", "港务", "供应链"], &["Logistics", "Shipping", "Freight"]), 8),
    (trade("retail", &["商贸", "百货", "食品"], &["Retail", "Foods", "Trading"]), 7),
    (trade("transport", &["轨道交通", "航空"], &["Rail", "Airways", "Transit"]), 4),
    (trade("education", &["教育科技"], &["Education", "Learning"]), 3),
];

const FORTUNE: &[&str] = &[
    "恒远",
    "瑞泽",
    "华岭",
    "盛川",
    "宏曜",
    "中澜",
    "金桐",
    "海岳",
    "远峤",
    "天枢",
    "嘉禾源",
    "泰屿",
    "博衡",
    "启岚",
    "联汇通",
    "新域",
    "正合",
    "东篱",
    "瀚海川",
    "九洲汇",
    "明湖",
    "云栈",
    "凌越",
    "安澜",
    "景行",
    "卓岭",
    "承远",
    "鼎峦",
    "浩川",
    "和韵",
    "星垣",
    "同舟",
    "祥麓",
    "德邻",
    "旭晖",
    "青禾",
    "万峦",
    "朗诺",
    "至衡",
    "锦屏",
    "长屿",
    "丰泽",
    "广陵",
    "汇锋",
    "利澄",
    "龙湾",
    "南溟",
    "鹏程远",
    "日晟",
    "三川",
    "上源",
    "顺翊",
    "维桢",
    "西岭",
    "先锋",
    "兴邺",
    "亚屿",
    "银杉",
    "玉衡",
    "振寰",
    "众诚",
    "百川",
    "辰光",
    "大观",
    "方舆",
    "富川",
    "国颐",
    "弘毅",
    "佳澍",
    "康桥",
    "蓝湾",
    "茂林",
    "宁远",
    "平野",
    "润田",
    "森屿",
    "拓岩",
    "文澜",
    "希岳",
    "延河",
    "益隆",
    "优衡",
    "元亨",
    "悦川",
    "兆丰源",
    "卓悦",
    "紫金山",
    "中曦",
    "沃野",
    "晟泽",
];

const STEM: &[&str] = &[
    "Alder",
    "Arvo",
    "Aster",
    "Baltor",
    "Barrow",
    "Bexley",
    "Borealis",
    "Brannoch",
    "Calder",
    "Canto",
    "Cendra",
    "Cobalt",
    "Corvane",
    "Dalmar",
    "Delphine",
    "Dorval",
    "Eastmere",
    "Elvane",
    "Fairholt",
    "Falken",
    "Ferrant",
    "Galvan",
    "Glenmoor",
    "Granvik",
    "Halden",
    "Harwick",
    "Helion",
    "Ingram",
    "Isolde",
    "Jorvik",
    "Kanto",
    "Kestrel",
    "Kirkwall",
    "Lanark",
    "Larkspur",
    "Lindqvist",
    "Lumen",
    "Marlow",
    "Meridian",
    "Montara",
    "Navarre",
    "Norden",
    "Northgate",
    "Oakhurst",
    "Orbis",
    "Ostara",
    "Pallas",
    "Penrose",
    "Quillon",
    "Ravel",
    "Redwater",
    "Rosario",
    "Sable",
    "Santoro",
    "Selkirk",
    "Solvane",
    "Stannard",
    "Taranto",
    "Tern",
    "Thornbury",
    "Umbra",
    "Valmere",
    "Vantor",
    "Verano",
    "Westbrook",
    "Wexford",
    "Yarrow",
    "Zephyr",
];

/// Hands out names and remembers them: no two customers of the demo share one, no two groups a brand.
#[derive(Default)]
pub struct Companies {
    taken: HashSet<String>,
    brands: HashSet<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyName {
    pub name: String,
    pub short_name: String,
    /// ASCII, unique: for web and mail addresses under `.example` (RFC 2606: belongs to nobody).
    pub label: String,
}

impl Companies {
    pub fn group(&mut self, random: &mut Random, place: &Place, industry: &Industry) -> CompanyName {
        let chinese = place.country == "CN";
        let brand = loop {
            let brand = *random.pick(if chinese { FORTUNE } else { STEM });
            if self.brands.insert(brand) {
                break brand;
            }
        };
        self.unique(random, place, |random| {
            if chinese {
                (format!("{brand}{}集团有限公司", random.pick(industry.chinese)), format!("{brand}集团"))
            } else {
                (
                    format!("{brand} {} Group {}", random.pick(industry.english), legal_form(place.country)),
                    format!("{brand} Group"),
                )
            }
        })
    }

    pub fn company(&mut self, random: &mut Random, place: &Place, industry: &Industry) -> CompanyName {
        self.unique(random, place, |random| {
            if place.country == "CN" {
                let (brand, trade) = (*random.pick(FORTUNE), *random.pick(industry.chinese));
                let form = random.weighted(&[("有限公司", 5), ("股份有限公司", 3), ("科技有限公司", 2)]);
                (format!("{}{brand}{trade}{form}", place.city), format!("{brand}{trade}"))
            } else {
                let (stem, trade) = (*random.pick(STEM), *random.pick(industry.english));
                (format!("{stem} {trade} {}", legal_form(place.country)), format!("{stem} {trade}"))
            }
        })
    }

    /// Named after the group it belongs to and the place it sits in.
    pub fn subsidiary(&mut self, random: &mut Random, group: &CompanyName, place: &Place) -> CompanyName {
        self.unique(random, place, |random| {
            let branch = match place.country {
                "CN" => {
                    let brand = group.short_name.trim_end_matches("集团");
                    (format!("{brand}（{}）有限公司", place.city), format!("{brand}{}", place.city))
                }
                country => {
                    let brand = group.short_name.trim_end_matches(" Group");
                    (format!("{brand} {} {}", place.city, legal_form(country)), format!("{brand} {}", place.city))
                }
            };
            if random.percent(70) { branch } else { (branch.0.replace("有限公司", "技术有限公司"), branch.1) }
        })
    }

    pub fn distributor(&mut self, random: &mut Random, place: &Place) -> CompanyName {
        self.unique(random, place, |random| {
            if place.country == "CN" {
                let brand = *random.pick(FORTUNE);
                let trade = *random.pick(&["系统集成", "信息技术", "电子科技", "工程服务"]);
                (format!("{}{brand}{trade}有限公司", place.city), format!("{brand}{trade}"))
            } else {
                let stem = *random.pick(STEM);
                let trade = *random.pick(&["Distribution", "Systems", "Partners", "Integration"]);
                (format!("{stem} {trade} {}", legal_form(place.country)), format!("{stem} {trade}"))
            }
        })
    }

    fn unique(
        &mut self,
        random: &mut Random,
        place: &Place,
        mut draw: impl FnMut(&mut Random) -> (String, String),
    ) -> CompanyName {
        loop {
            let (name, short_name) = draw(random);
            if self.taken.insert(name.clone()) {
                let label = format!("{}{:03}", place.country.to_ascii_lowercase(), self.taken.len());
                return CompanyName { name, short_name, label };
            }
        }
    }
}

fn legal_form(country: &str) -> &'static str {
    match country {
        "DE" => "GmbH",
        "FR" | "ES" => "S.A.",
        "IT" => "S.p.A.",
        "NL" => "B.V.",
        "SE" => "AB",
        "US" => "Inc.",
        "JP" => "K.K.",
        "SG" => "Pte. Ltd.",
        "MY" => "Sdn. Bhd.",
        "BR" => "Ltda.",
        "MX" => "S.A. de C.V.",
        "AU" | "ZA" => "Pty Ltd",
        "AE" | "SA" => "LLC",
        "ID" => "Tbk",
        _ => "Ltd.",
    }
}

#[rustfmt::skip]
const SURNAMES: &[(&str, &str)] = &[
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("赵", "zhao"),
    ("黄", "huang"), ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("胡", "hu"), ("朱", "zhu"),
    ("高", "gao"), ("林", "lin"), ("何", "he"), ("郭", "guo"), ("马", "ma"), ("罗", "luo"), ("梁", "liang"),
    ("宋", "song"), ("郑", "zheng"), ("谢", "xie"), ("韩", "han"), ("唐", "tang"), ("冯", "feng"), ("于", "yu"),
    ("董", "dong"), ("萧", "xiao"), ("程", "cheng"), ("曹", "cao"), ("袁", "yuan"), ("邓", "deng"), ("许", "xu"),
    ("傅", "fu"), ("沈", "shen"), ("曾", "zeng"), ("彭", "peng"), ("吕", "lv"), ("欧阳", "ouyang"),
];

#[rustfmt::skip]
const GIVEN: &[(&str, &str)] = &[
    ("伟", "wei"), ("芳", "fang"), ("静怡", "jingyi"), ("建国", "jianguo"), ("晓明", "xiaoming"), ("丽华", "lihua"),
    ("志强", "zhiqiang"), ("雅婷", "yating"), ("文博", "wenbo"), ("思远", "siyuan"), ("海燕", "haiyan"),
    ("俊杰", "junjie"), ("雪梅", "xuemei"), ("子轩", "zixuan"), ("梦洁", "mengjie"), ("国栋", "guodong"),
    ("秀英", "xiuying"), ("嘉豪", "jiahao"), ("晨曦", "chenxi"), ("永康", "yongkang"), ("玉兰", "yulan"),
    ("明哲", "mingzhe"), ("佳宁", "jianing"), ("振华", "zhenhua"), ("春生", "chunsheng"), ("婉清", "wanqing"),
    ("浩然", "haoran"), ("淑敏", "shumin"), ("一鸣", "yiming"), ("若兰", "ruolan"), ("德胜", "desheng"), ("慧", "hui"),
    ("凯", "kai"), ("倩", "qian"), ("鹏飞", "pengfei"), ("立新", "lixin"), ("可欣", "kexin"), ("宏图", "hongtu"),
    ("佩瑶", "peiyao"), ("天佑", "tianyou"),
];

const FORENAMES: &[&str] = &[
    "Adaeze", "Amir", "Ana", "Anders", "Anika", "Bruno", "Carla", "Chloe", "Daniel", "Diego", "Elena", "Emeka", "Erik",
    "Farah", "Felix", "Giulia", "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Karim", "Katrin", "Kenji", "Lena",
    "Leila", "Lucas", "Maja", "Marco", "Mei", "Miguel", "Naledi", "Nadia", "Noah", "Olga", "Omar", "Paula", "Priya",
    "Rafael", "Ravi", "Rosa", "Samir", "Sofia", "Soo-jin", "Tariq", "Thabo", "Tomas", "Valeria", "Yuki",
];

const FAMILY_NAMES: &[&str] = &[
    "Abbott",
    "Achterberg",
    "Albrecht",
    "Almeida",
    "Anand",
    "Bakker",
    "Bellini",
    "Bergstrom",
    "Bianco",
    "Carvalho",
    "Castellan",
    "Dalgaard",
    "Delacroix",
    "Dlamini",
    "Eriksen",
    "Farrow",
    "Ferreira",
    "Fontaine",
    "Grant",
    "Haddad",
    "Hartmann",
    "Hayashi",
    "Ibarra",
    "Iyer",
    "Jansen",
    "Kapoor",
    "Kimani",
    "Kovac",
    "Lindholm",
    "Lombard",
    "Marchetti",
    "Mbeki",
    "Mendoza",
    "Moreau",
    "Nakata",
    "Navarro",
    "Novak",
    "Okafor",
    "Olsen",
    "Palmer",
    "Park",
    "Petrov",
    "Quintana",
    "Rahman",
    "Reinholt",
    "Rossini",
    "Saito",
    "Salgado",
    "Santos",
    "Schuster",
    "Tanaka",
    "Teixeira",
    "Thorne",
    "Vargas",
    "Verhoeven",
    "Walcott",
    "Weiss",
    "Yamada",
    "Zanetti",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName {
    pub name: String,
    /// ASCII, for the part before the @.
    pub label: String,
}

pub fn person(random: &mut Random, country: &str) -> PersonName {
    if country == "CN" {
        let ((surname, surname_latin), (given, given_latin)) = (*random.pick(SURNAMES), *random.pick(GIVEN));
        PersonName { name: format!("{surname}{given}"), label: format!("{surname_latin}.{given_latin}") }
    } else {
        let (forename, family_name) = (*random.pick(FORENAMES), *random.pick(FAMILY_NAMES));
        PersonName {
            name: format!("{forename} {family_name}"),
            label: format!("{forename}.{family_name}").to_ascii_lowercase(),
        }
    }
}

/// What a colleague of ours does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// Owns customers here.
    Home,
    /// Owns customers abroad.
    Abroad,
    Engineering,
    Management,
    Complaints,
}

/// Our own people: login, name, desk.
pub const COLLEAGUES: &[(&str, &str, Desk)] = &[
    ("lin.yue", "林悦", Desk::Home),
    ("zhao.ming", "赵明", Desk::Home),
    ("sun.jia", "孙佳", Desk::Home),
    ("gao.yuan", "高远", Desk::Home),
    ("he.ping", "何平", Desk::Home),
    ("tang.rui", "唐锐", Desk::Home),
    ("luo.xin", "罗欣", Desk::Home),
    ("xie.tao", "谢涛", Desk::Home),
    ("deng.lan", "邓岚", Desk::Home),
    ("peng.cheng", "彭程", Desk::Home),
    ("maria.santos", "Maria Santos", Desk::Abroad),
    ("jonas.weber", "Jonas Weber", Desk::Abroad),
    ("amina.yusuf", "Amina Yusuf", Desk::Abroad),
    ("david.tan", "David Tan", Desk::Abroad),
    ("fang.zhou", "方舟", Desk::Engineering),
    ("wu.hao", "吴昊", Desk::Engineering),
    ("qian.li", "钱莉", Desk::Engineering),
    ("song.bo", "宋博", Desk::Engineering),
    ("ken.ito", "Ken Ito", Desk::Engineering),
    ("petra.novak", "Petra Novak", Desk::Engineering),
    ("chen.guoan", "陈国安", Desk::Management),
    ("liang.hua", "梁华", Desk::Management),
    ("helen.ford", "Helen Ford", Desk::Management),
    ("xu.jing", "许静", Desk::Complaints),
    ("ma.dong", "马东", Desk::Complaints),
    ("cao.yi", "曹毅", Desk::Complaints),
    ("olivia.brandt", "Olivia Brandt", Desk::Complaints),
    ("ruben.ortiz", "Ruben Ortiz", Desk::Complaints),
];

/// The login of somebody at a desk.
pub fn colleague(random: &mut Random, desk: Desk) -> &'static str {
    let there: Vec<&'static str> =
        COLLEAGUES.iter().filter(|(_, _, at)| *at == desk).map(|(login, _, _)| *login).collect();
    there[random.below(there.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::places::{ABROAD, CHINA};

    #[test]
    fn companies_never_share_a_name() {
        let (mut random, mut companies) = (Random::from_seed(1), Companies::default());
        let mut names = HashSet::new();
        for index in 0..400 {
            let place = random.weighted(if index % 3 == 0 { ABROAD } else { CHINA });
            let industry = random.weighted(INDUSTRIES);
            assert!(names.insert(companies.company(&mut random, &place, &industry).name));
        }
    }
}
