//! How a question is read.

use super::fold::{fold, key};
use super::phone;
use super::terms::beginning;

/// Words of a question that count.
const MOST_WORDS: usize = 8;

/// What is looked for: the results of each attempt in turn, each result once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub attempts: Vec<Attempt>,
}

/// Words that a thing must all have.
pub type Attempt = Vec<Needle>;

/// A word, in each way it may be written: beginnings of terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle(pub Vec<String>);

impl Needle {
    fn of(text: &str) -> Option<Self> {
        let word = beginning(&key(text));
        (!word.is_empty()).then(|| Self(vec![word]))
    }

    pub fn fits(&self, term: &str) -> bool {
        self.0.iter().any(|way| term.starts_with(way.as_str()))
    }
}

impl Question {
    /// `None` for nothing but blanks, which asks for everything; without a letter or digit it asks for nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold(text);
        if folded.trim().is_empty() {
            return None;
        }
        if is_number(&folded) {
            return Some(Self { attempts: vec![vec![Needle(with_key(text, phone::meant(text)))]] });
        }
        let words: Attempt = folded.split_whitespace().filter_map(Needle::of).take(MOST_WORDS).collect();
        // As if written together: a whole name with its blanks, or pinyin syllable by syllable.
        let together = Needle::of(&folded).map(|needle| vec![needle]);
        let apart = (words.len() > 1).then_some(words);
        Some(Self { attempts: together.into_iter().chain(apart).collect() })
    }
}

fn is_number(folded: &str) -> bool {
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    digits >= 3 && folded.chars().all(|c| c.is_ascii_digit() || " +()./,#-".contains(c))
}

/// The digits as they stand come first: they may also be a tax id or another system's key.
fn with_key(text: &str, mut ways: Vec<String>) -> Vec<String> {
    let whole = beginning(&key(text));
    ways.retain(|way| *way != whole);
    ways.insert(0, whole);
    // A way that begins with another finds nothing more.
    let all = ways.clone();
    ways.retain(|way| !all.iter().any(|other| other != way && way.starts_with(other.as_str())));
    ways
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use registry_contract::{Contact, ContactId, CustomerId};

    use super::*;
    use crate::domain::search::{Place, contact_terms, customer_terms, terms::tests::customer};

    fn read(text: &str) -> Vec<Vec<Vec<String>>> {
        let question = Question::parse(text).expect("asks for something");
        question.attempts.into_iter().map(|attempt| attempt.into_iter().map(|needle| needle.0).collect()).collect()
    }

    #[test]
    fn questions_are_read_word_by_word() {
        let word = |text: &str| vec![text.to_owned()];
        assert_eq!(Question::parse(" \u{3000}"), None);
        assert_eq!(read("—"), Vec::<Vec<Vec<String>>>::new());
        assert_eq!(read("萬科Ａ"), [[word("万科a")]]);
        assert_eq!(read("a_b"), [[word("ab")]]);
        assert_eq!(read("Ping An"), vec![vec![word("pingan")], vec![word("ping"), word("an")]]);
        assert_eq!(read("深圳 — 华为"), vec![vec![word("深圳华为")], vec![word("深圳"), word("华为")]]);
        assert_eq!(read("0755-1234"), [[vec!["07551234".to_owned(), "7551234".to_owned()]]]);
        assert_eq!(read("000001"), [[vec!["000001".to_owned(), "0001".to_owned()]]]);
        assert_eq!(read("12 34"), vec![vec![vec!["1234".to_owned()]]]);
        assert_eq!(read(&"长".repeat(50)), [[word(&"长".repeat(24))]]);
    }

    /// The best place that a name, short name and what else is known are found at.
    fn place(question: &str, customer: &registry_contract::Customer) -> Option<Place> {
        let terms = customer_terms(customer);
        Question::parse(question)?.attempts.iter().find_map(|attempt| {
            let all = attempt.iter().all(|needle| terms.iter().any(|(_, term)| needle.fits(term)));
            let first = attempt.first().filter(|_| all)?;
            terms.iter().filter(|(_, term)| first.fits(term)).map(|(place, _)| *place).min()
        })
    }

    #[test]
    fn customers_are_found_by() {
        use Place::{Inside, Name, Number, Pinyin, Word};
        let huawei = customer("深圳市华为技术有限公司", Some("华为"));
        let vanke = customer("万科Ａ", None);
        let ping_an = customer("平安银行", None);
        let st = customer("*ST国华", None);
        let arzte = customer("Ärzte ohne Grenzen GmbH", None);
        for (question, customer, found) in [
            ("深圳", &huawei, Some(Name)),
            ("華為", &huawei, Some(Name)),
            ("华为技术", &huawei, Some(Word)),
            ("技术", &huawei, Some(Inside)),
            ("shenzhenshihua", &huawei, Some(Pinyin)),
            ("huawei", &huawei, Some(Pinyin)),
            ("HWJS", &huawei, Some(Pinyin)),
            ("szs", &huawei, Some(Pinyin)),
            ("技术 深圳", &huawei, Some(Inside)),
            ("中兴", &huawei, None),
            ("深圳 中兴", &huawei, None),
            ("万科A", &vanke, Some(Name)),
            ("萬科ａ", &vanke, Some(Name)),
            ("wk", &vanke, Some(Pinyin)),
            ("wka", &vanke, Some(Pinyin)),
            ("wankea", &vanke, Some(Pinyin)),
            ("pingan", &ping_an, Some(Pinyin)),
            ("ping an yin hang", &ping_an, Some(Pinyin)),
            ("payh", &ping_an, Some(Pinyin)),
            ("PAYX", &ping_an, Some(Pinyin)),
            ("银行", &ping_an, Some(Inside)),
            ("*STGH", &st, Some(Pinyin)),
            ("gh", &st, Some(Pinyin)),
            ("国华", &st, Some(Word)),
            ("arzte", &arzte, Some(Name)),
            ("ÄRZTE GMBH", &arzte, Some(Name)),
            ("grenzen", &arzte, Some(Word)),
            ("renzen", &arzte, None),
            ("C-000001", &arzte, Some(Number)),
            ("c0000", &arzte, Some(Number)),
            ("00-AB 17", &arzte, Some(Number)),
            ("0755 1234", &arzte, Some(Number)),
            ("+86 755 12345678", &arzte, Some(Number)),
        ] {
            assert_eq!(place(question, customer), found, "{question}");
        }
    }

    #[test]
    fn branches_are_found_by() {
        use Place::{Inside, Name, Pinyin, Word};
        let bank = customer("中国工商银行股份有限公司深圳南山支行", None);
        let grid = customer("国网江苏省电力有限公司无锡供电分公司", None);
        let mobile = customer("中国移动通信集团广东有限公司深圳分公司", None);
        for (question, customer, found) in [
            ("中国工商银行股份有限公司深圳", &bank, Some(Name)),
            ("工商银行", &bank, Some(Word)),
            ("深圳", &bank, Some(Word)),
            ("南山支行", &bank, Some(Word)),
            ("支行", &bank, Some(Inside)),
            ("股份有限公司深圳", &bank, Some(Inside)),
            ("有限公司深圳", &bank, None),
            ("szns", &bank, Some(Pinyin)),
            ("sznszh", &bank, Some(Pinyin)),
            ("nanshanzhihang", &bank, Some(Pinyin)),
            ("工商银行 南山", &bank, Some(Word)),
            ("无锡", &grid, Some(Word)),
            ("供电", &grid, Some(Word)),
            ("江苏省电力", &grid, Some(Inside)),
            ("wxgd", &grid, Some(Pinyin)),
            ("移动", &mobile, Some(Word)),
            ("广东", &mobile, Some(Word)),
            ("深圳", &mobile, Some(Word)),
            ("集团广东", &mobile, Some(Inside)),
            ("szfgs", &mobile, Some(Pinyin)),
        ] {
            assert_eq!(place(question, customer), found, "{question}");
        }
    }

    #[test]
    fn contacts_are_found_by() {
        let contact = |name: &str| Contact {
            id: ContactId::new(),
            customer_id: CustomerId::new(),
            name: name.into(),
            title: None,
            email: None,
            phone: Some("138 0013 8000".into()),
            mobile: None,
            contact_points: vec![],
            topics: vec![],
            preferred_channel: None,
            language: None,
            note: None,
            version: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            erased_at: None,
        };
        for (name, found, lost) in [
            ("曾小明", vec!["曾", "小明", "zengxiaoming", "zxm", "cxm", "13800138000", "+86 138 0013"], vec!["明天"]),
            ("Anna Müller", vec!["anna", "muller", "MÜLLER", "anna m"], vec!["ller"]),
        ] {
            let terms = contact_terms(&contact(name));
            let finds = |text: &str| {
                Question::parse(text)
                    .expect("asks")
                    .attempts
                    .iter()
                    .any(|attempt| attempt.iter().all(|needle| terms.iter().any(|(_, term)| needle.fits(term))))
            };
            assert_eq!(found.iter().filter(|text| !finds(text)).count(), 0, "{name} {terms:?}");
            assert_eq!(lost.iter().filter(|text| finds(text)).count(), 0, "{name}");
        }
    }

    proptest! {
        /// Of characters that are in no region and no legal form.
        #[test]
        fn every_part_of_a_long_name_finds_it(
            name in "[甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥]{2,200}",
            from in any::<prop::sample::Index>(),
            length in 2..30_usize,
        ) {
            let chars: Vec<char> = name.chars().collect();
            let part: String = chars[from.index(chars.len() - 1)..].iter().take(length).collect();
            prop_assert!(place(&part, &customer(&name, None)).is_some(), "{part}");
        }

        #[test]
        fn every_beginning_of_a_name_finds_it(name in "[a-zÀ-ž一-龥 &.-]{1,30}", length in 1_usize..30) {
            let customer = customer(&name, None);
            let typed: String = name.chars().take(length).collect();
            let asked = Question::parse(&typed);
            prop_assume!(asked.as_ref().is_some_and(|question| !question.attempts.is_empty()));
            prop_assert!(place(&typed, &customer).is_some());
        }
    }
}
