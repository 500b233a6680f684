//! Sections of the page, each written by a part of the bench of its own.

/// Where the notes begin, behind all figures.
const NOTES: &str = "\n## How to read this\n";

/// The page with this section in place of the one of its title.
pub fn put(page: &str, title: &str, text: &str) -> String {
    let section = format!("\n## {title}\n\n{text}");
    let without = match find(page, title) {
        Some(old) => page.replacen(old, "", 1),
        None => page.to_owned(),
    };
    match without.find(NOTES) {
        Some(notes) => format!("{}{section}{}", &without[..notes], &without[notes..]),
        None => without + &section,
    }
}

/// The new page with the old one's sections of these titles.
pub fn keep(old: &str, new: &str, titles: &[&str]) -> String {
    titles.iter().fold(new.to_owned(), |page, title| match find(old, title) {
        Some(section) => put(&page, title, section.split_once("\n\n").map_or("", |(_, text)| text)),
        None => page,
    })
}

fn find<'a>(page: &'a str, title: &str) -> Option<&'a str> {
    let begin = page.find(&format!("\n## {title}\n"))?;
    let length = page[begin + 1..].find("\n## ").map_or(page.len() - begin, |next| next + 1);
    Some(&page[begin..begin + length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_its_place_and_leaves_the_others() {
        let page = "# P\n\n## A\n\na\n\n## How to read this\n\nnotes\n";
        let with = put(page, "B", "b\n");
        assert_eq!(with, "# P\n\n## A\n\na\n\n## B\n\nb\n\n## How to read this\n\nnotes\n");
        assert_eq!(put(&with, "B", "c\n"), with.replace("b\n", "c\n"));
        assert_eq!(keep(&with, page, &["B", "C"]), with);
    }
}
