//! What is left of a complaint whose maker the registry has erased: nothing that names him.

use complaints_contract::{Complainant, ComplaintId};

/// Stands in a text where it named somebody; fit for the name of a file, too.
const GONE: &str = "[…]";
/// Fewer letters are a syllable, fewer digits an extension: texts have them that are about something else.
const LEAST_LETTERS: usize = 2;
const LEAST_DIGITS: usize = 6;

/// By what somebody is named, letter for letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    name: Option<String>,
    /// In small letters.
    email: Option<String>,
    phone: Option<String>,
}

/// A complaint that has forgotten its maker: what names him may still be kept beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    pub complaint: ComplaintId,
    pub number: String,
    pub marks: Marks,
}

impl Marks {
    #[must_use]
    pub fn of(complainant: &Complainant) -> Self {
        let Complainant { name, email, phone, preferred_channel: _ } = complainant.clone();
        Self { name, email, phone }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts().next().is_none()
    }

    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.name, &self.email, &self.phone].into_iter().flatten().map(String::as_str)
    }

    /// What is left of a text without them. They are found as they are kept, as words of their own; an address in whatever
    /// letters.
    #[must_use]
    pub fn left_of(&self, text: &str) -> String {
        let mut left = text.to_owned();
        // The address first: a name may be a part of it.
        if let Some(email) = &self.email {
            left = without(&left, &left.to_ascii_lowercase(), email);
        }
        let phone = self.phone.as_deref().filter(|phone| digits(phone) >= LEAST_DIGITS);
        let name = self.name.as_deref().filter(|name| name.chars().count() >= LEAST_LETTERS);
        for mark in phone.into_iter().chain(name) {
            left = without(&left, &left, mark);
        }
        left
    }
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// The text without the mark, which is looked for in `plain`: the same text, byte by byte, perhaps in small letters.
fn without(text: &str, plain: &str, mark: &str) -> String {
    if mark.is_empty() {
        return text.to_owned();
    }
    let mut left = String::with_capacity(text.len());
    let (mut done, mut from) = (0, 0);
    while let Some(start) = plain[from..].find(mark).map(|place| from + place) {
        if stands_alone(plain, start, mark) {
            left.push_str(&text[done..start]);
            left.push_str(GONE);
            done = start + mark.len();
            from = done;
        } else {
            // Another may begin within this one.
            from = start + plain[start..].chars().next().map_or(1, char::len_utf8);
        }
    }
    left + &text[done..]
}

/// Whether no letter or digit around it makes the mark a part of another word.
fn stands_alone(text: &str, start: usize, mark: &str) -> bool {
    let joined =
        |one: Option<char>, other: Option<char>| one.is_some_and(is_of_a_word) && other.is_some_and(is_of_a_word);
    let (before, after) = (text[..start].chars().next_back(), text[start + mark.len()..].chars().next());
    !joined(before, mark.chars().next()) && !joined(mark.chars().next_back(), after)
}

/// Of a word that ends where it is no more; in Chinese and its neighbours, and in Thai, nothing tells where a name ends.
fn is_of_a_word(letter: char) -> bool {
    let runs_on = matches!(
        letter,
        '\u{e00}'..='\u{e7f}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    );
    letter.is_alphanumeric() && !runs_on
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marks(name: &str, email: &str, phone: &str) -> Marks {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Marks { name: some(name), email: some(email), phone: some(phone) }
    }

    #[test]
    fn what_names_somebody_goes_and_other_words_stay() {
        let wang = marks("Wang Fang", "wang@example.com", "+86 755 2878 0808");
        for (text, left) in [
            ("", ""),
            ("Line down", "Line down"),
            ("Wang Fang called, then Wang Fang wrote.", "[…] called, then […] wrote."),
            ("Regards\nWang Fang\n+86 755 2878 0808 <Wang@Example.COM>", "Regards\n[…]\n[…] <[…]>"),
            ("Mrs Wang, and Wang Fangs", "Mrs Wang, and Wang Fangs"),
            ("hwang@example.com, +86 755 2878 08081", "hwang@example.com, +86 755 2878 08081"),
            ("Ünder wang@example.com.", "Ünder […]."),
        ] {
            assert_eq!(wang.left_of(text), left, "{text}");
        }
        for (marks, text, left) in [
            (marks("王芳", "", ""), "客户王芳来电，王芳说线路中断。", "客户[…]来电，[…]说线路中断。"),
            (marks("Li", "", ""), "Line Li, Lihua, li", "Line […], Lihua, li"),
            (marks("X", "", "808"), "Plan X, 808 pieces", "Plan X, 808 pieces"),
            (marks("wang", "wang@example.com", ""), "wang@example.com", "[…]"),
            (Marks::default(), "Wang Fang", "Wang Fang"),
        ] {
            assert_eq!(marks.left_of(text), left, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_left_of_any_text(name in any::<String>(), email in any::<String>(), text in any::<String>()) {
            let marks = marks(&name, &email, "");
            prop_assert_eq!(Marks::default().left_of(&text), text.clone());
            let between = marks.left_of(&format!("{text} {name} {text}"));
            prop_assert!(name.chars().count() < LEAST_LETTERS || between.contains(GONE));
        }
    }
}
