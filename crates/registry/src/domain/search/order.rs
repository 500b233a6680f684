//! The order of names: by letter, Chinese ones by pinyin.

use super::fold::fold;
use super::pinyin::readings;

/// As many letters of a name as its place in a list depends on before the name itself decides.
const MOST: usize = 60;

/// What names are sorted by, compared byte by byte: letters and digits, each Chinese character as a syllable of its own,
/// so that 阿里 stands before Alpha and that before 博世; then the folded name, for names that sound alike. Never empty.
pub fn sort_name(name: &str) -> String {
    let folded = fold(name);
    let chars: Vec<char> = folded.chars().collect();
    let mut sorted = String::with_capacity(folded.len() * 2);
    for (c, reading) in chars.iter().zip(readings(&chars)) {
        match reading {
            Some(syllable) => {
                if !sorted.is_empty() && !sorted.ends_with(' ') {
                    sorted.push(' ');
                }
                sorted.push_str(syllable);
                sorted.push(' ');
            }
            None if c.is_alphanumeric() => sorted.push(*c),
            None if sorted.is_empty() || sorted.ends_with(' ') => {}
            None => sorted.push(' '),
        }
        if sorted.chars().count() >= MOST {
            break;
        }
    }
    sorted.truncate(sorted.trim_end().len());
    // Below every letter: what ends sorts before what goes on.
    sorted.push('\u{1}');
    sorted.push_str(&folded);
    sorted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stand_in_the_order_of_their_letters() {
        let names = [
            "*ST国华x",
            "3M",
            "阿里巴巴",
            "ＡBB",
            "Alpha",
            "安踏",
            "Ärzte",
            "博世",
            "Bosch",
            "长安汽车",
            "重庆啤酒",
            "华为",
            "花旗",
            "Same Name",
            "Same Names",
            "Samename",
            "万科",
            "万科Ａ",
            "张江",
            "ПРАВДА",
        ];
        let mut sorted = names.to_vec();
        sorted.sort_by_key(|name| sort_name(name));
        assert_eq!(
            sorted,
            [
                "3M",
                "阿里巴巴",
                "ＡBB",
                "Alpha",
                "安踏",
                "Ärzte",
                "博世",
                "Bosch",
                "长安汽车",
                "重庆啤酒",
                "花旗",
                "华为",
                "Same Name",
                "Same Names",
                "Samename",
                "*ST国华x",
                "万科",
                "万科Ａ",
                "张江",
                "ПРАВДА",
            ]
        );
    }

    proptest! {
        #[test]
        fn every_name_has_a_place(name in "\\PC{0,30}") {
            prop_assert!(!sort_name(&name).is_empty());
        }
    }
}
