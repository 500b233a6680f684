//! The page of figures has parts that are measured apart: each replaces its own and leaves the others.

/// The page with this section, heading included, in place of the one of the same heading, or at its end.
pub fn put(page: &str, section: &str) -> String {
    let heading = section.lines().next().unwrap_or_default();
    let (mut kept, mut replaced) = (Vec::new(), false);
    for part in parts(page) {
        if part.lines().next() == Some(heading) {
            kept.push(section.trim_end());
            replaced = true;
        } else {
            kept.push(part);
        }
    }
    if !replaced {
        kept.push(section.trim_end());
    }
    kept.join("\n\n") + "\n"
}

/// The sections of `old` that `new` has no heading for, behind it.
pub fn keep(old: &str, new: &str) -> String {
    let own: Vec<_> = parts(new).into_iter().filter_map(|part| part.lines().next()).collect();
    let others =
        parts(old).into_iter().skip(1).filter(|part| part.lines().next().is_some_and(|line| !own.contains(&line)));
    others.fold(new.to_owned(), |page, section| put(&page, section))
}

/// What stands before the first section, then each with its heading.
fn parts(page: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = page.match_indices("\n## ").map(|(at, _)| at + 1).collect();
    starts.insert(0, 0);
    let ends = starts.iter().skip(1).copied().chain([page.len()]);
    starts.iter().zip(ends).map(|(start, end)| page[*start..end].trim_end()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Performance\n\nBy a bench.\n\n## A\n\none\n\n## B\n\ntwo\n";

    #[test]
    fn a_section_replaces_its_own_only() {
        assert_eq!(put(PAGE, "## A\n\nthree\n"), "# Performance\n\nBy a bench.\n\n## A\n\nthree\n\n## B\n\ntwo\n");
        assert_eq!(put(PAGE, "## C\n\nthree\n"), PAGE.to_owned() + "\n## C\n\nthree\n");
    }

    #[test]
    fn a_new_page_keeps_what_it_does_not_tell() {
        assert_eq!(keep(PAGE, "# Performance\n\n## A\n\nnew\n"), "# Performance\n\n## A\n\nnew\n\n## B\n\ntwo\n");
    }
}
