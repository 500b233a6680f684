//! Pinyin of names, for search and for order.

use pinyin::ToPinyin;

use super::fold::is_han;

/// Spellings of one name at most: names with more characters of several readings are found by the likelier ones.
const MOST_SPELLINGS: usize = 8;

/// Characters that names use with more than one reading, the likeliest first. The dictionary's others are rare or of
/// grammatical particles, and each would double what is kept.
const READINGS: &[(char, &[&str])] = &[
    ('长', &["chang", "zhang"]),
    ('行', &["hang", "xing"]),
    ('重', &["zhong", "chong"]),
    ('厦', &["xia", "sha"]),
    ('藏', &["zang", "cang"]),
    ('乐', &["le", "yue"]),
    ('阿', &["a", "e"]),
    ('晟', &["sheng", "cheng"]),
    ('调', &["diao", "tiao"]),
    ('泊', &["bo", "po"]),
    ('曾', &["zeng", "ceng"]),
    ('单', &["dan", "shan"]),
    ('解', &["jie", "xie"]),
    ('仇', &["qiu", "chou"]),
    ('区', &["qu", "ou"]),
    ('朴', &["pu", "piao"]),
    ('查', &["cha", "zha"]),
    ('翟', &["zhai", "di"]),
    ('盖', &["gai", "ge"]),
    ('覃', &["qin", "tan"]),
    ('沈', &["shen", "chen"]),
    ('仉', &["zhang"]),
    ('尉', &["wei", "yu"]),
    ('万', &["wan", "mo"]),
    ('朝', &["chao", "zhao"]),
    ('传', &["chuan", "zhuan"]),
    ('弹', &["dan", "tan"]),
    ('盛', &["sheng", "cheng"]),
    ('会', &["hui", "kuai"]),
    ('都', &["du", "dou"]),
    ('还', &["huan", "hai"]),
    ('乘', &["cheng", "sheng"]),
    ('种', &["zhong", "chong"]),
    ('石', &["shi", "dan"]),
    ('大', &["da", "dai"]),
    ('车', &["che", "ju"]),
    ('降', &["jiang", "xiang"]),
    ('参', &["can", "shen"]),
    ('贾', &["jia", "gu"]),
    ('洗', &["xi", "xian"]),
    ('见', &["jian", "xian"]),
    ('角', &["jiao", "jue"]),
    ('率', &["lv", "shuai"]),
    ('宿', &["su", "xiu"]),
    ('蚌', &["beng", "bang"]),
    ('六', &["liu", "lu"]),
    ('番', &["fan", "pan"]),
    ('铅', &["qian", "yan"]),
    ('莞', &["guan", "wan"]),
    ('浚', &["jun", "xun"]),
    ('隆', &["long"]),
    ('绿', &["lv", "lu"]),
    ('色', &["se", "shai"]),
    ('薄', &["bo", "bao"]),
    ('颉', &["jie", "xie"]),
    ('校', &["xiao", "jiao"]),
    ('繁', &["fan", "po"]),
    ('干', &["gan", "qian"]),
    ('系', &["xi", "ji"]),
    ('和', &["he", "huo"]),
    ('什', &["shi", "shen"]),
    ('便', &["bian", "pian"]),
    ('扎', &["zha", "za"]),
    ('卡', &["ka", "qia"]),
    ('食', &["shi", "si"]),
    ('亳', &["bo"]),
    ('涡', &["wo", "guo"]),
    ('台', &["tai"]),
];

/// Words that settle a reading, for the order of lists and the likeliest spelling.
const WORDS: &[(&str, &[&str])] = &[
    ("重庆", &["chong", "qing"]),
    ("重百", &["chong", "bai"]),
    ("行星", &["xing", "xing"]),
    ("音乐", &["yin", "yue"]),
    ("乐器", &["yue", "qi"]),
    ("会计", &["kuai", "ji"]),
    ("收藏", &["shou", "cang"]),
    ("大夫", &["dai", "fu"]),
    ("大厦", &["da", "sha"]),
    ("传记", &["zhuan", "ji"]),
    ("东阿", &["dong", "e"]),
    ("空调", &["kong", "tiao"]),
    ("长老", &["zhang", "lao"]),
    ("成长", &["cheng", "zhang"]),
    ("番禺", &["pan", "yu"]),
    ("六安", &["lu", "an"]),
];

/// A name spelled out: whole syllables, and their first letters. What is not Chinese stays as it is in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spelling {
    pub full: String,
    pub initials: String,
}

/// The reading of each character of folded text in its likeliest way; `None` for what is not Chinese.
pub fn readings(text: &[char]) -> Vec<Option<&'static str>> {
    let mut read: Vec<_> = text.iter().map(|c| likeliest(*c)).collect();
    for (word, syllables) in WORDS {
        let word: Vec<char> = word.chars().collect();
        for start in 0..text.len().saturating_sub(word.len() - 1) {
            if text[start..start + word.len()] == word[..] {
                for (offset, syllable) in syllables.iter().enumerate() {
                    read[start + offset] = Some(syllable);
                }
            }
        }
    }
    read
}

/// The ways to spell folded text, the likeliest first; none when nothing in it is Chinese.
pub fn spellings(text: &[char]) -> Vec<Spelling> {
    let likeliest = readings(text);
    if likeliest.iter().all(Option::is_none) {
        return vec![];
    }
    let mut all = vec![Spelling::default()];
    for (c, reading) in text.iter().zip(likeliest) {
        let Some(reading) = reading else {
            for spelling in &mut all {
                spelling.full.push(*c);
                spelling.initials.push(*c);
            }
            continue;
        };
        let others = others(*c).iter().copied().filter(|other| *other != reading);
        let grown = std::iter::once(reading).chain(others).flat_map(|syllable| {
            all.iter().map(move |before| {
                let mut next = before.clone();
                next.full.push_str(syllable);
                next.initials.extend(syllable.chars().next());
                next
            })
        });
        let mut grown: Vec<_> = grown.collect();
        grown.truncate(MOST_SPELLINGS);
        all = grown;
    }
    all
}

fn likeliest(c: char) -> Option<&'static str> {
    if !is_han(c) {
        return None;
    }
    others(c).first().copied().or_else(|| c.to_pinyin().map(|reading| plain(reading.plain())))
}

/// The dictionary writes `ü`, keyboards write `v`.
fn plain(syllable: &'static str) -> &'static str {
    match syllable {
        "lü" => "lv",
        "nü" => "nv",
        "lüe" => "lve",
        "nüe" => "nve",
        other => other,
    }
}

fn others(c: char) -> &'static [&'static str] {
    READINGS.iter().find(|(known, _)| *known == c).map_or(&[], |(_, readings)| readings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Vec<(String, String)> {
        let text: Vec<char> = text.chars().collect();
        spellings(&text).into_iter().map(|spelling| (spelling.full, spelling.initials)).collect()
    }

    fn one(full: &str, initials: &str) -> (String, String) {
        (full.to_owned(), initials.to_owned())
    }

    #[test]
    fn names_are_spelled_in_each_of_their_readings() {
        assert_eq!(spelled("万科a")[0], one("wankea", "wka"));
        assert_eq!(spelled("平安银行"), [one("pinganyinhang", "payh"), one("pinganyinxing", "payx")]);
        assert_eq!(spelled("重庆"), [one("chongqing", "cq"), one("zhongqing", "zq")]);
        assert_eq!(spelled("吕女略虐"), [one("lvnvlvenve", "lnln")]);
        assert_eq!(spelled("acme 7"), []);
    }

    #[test]
    fn many_readings_stay_within_bounds() {
        assert_eq!(spelled("长行重厦藏乐调").len(), MOST_SPELLINGS);
    }

    /// Of the character, or of one that folds to it: 乾 is 干 here and read as before.
    #[test]
    fn every_reading_of_the_table_is_the_dictionarys_too() {
        use pinyin::ToPinyinMulti;
        let pairs = include_str!("simplified.txt").split_whitespace();
        let folded: Vec<(char, char)> = pairs.filter_map(|pair| pair.chars().next().zip(pair.chars().nth(1))).collect();
        for (c, known) in READINGS {
            let others = folded.iter().filter(|(_, simple)| simple == c).map(|(other, _)| *other);
            let read = std::iter::once(*c).chain(others).filter_map(|c| c.to_pinyin_multi());
            let all: Vec<_> = read.flatten().map(|one| plain(one.plain())).collect();
            for reading in *known {
                assert!(all.contains(reading), "{c} {reading} {all:?}");
            }
        }
    }
}
