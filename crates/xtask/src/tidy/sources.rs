//! What stands in the files.

use std::path::Path;

use super::{Fault, read};

/// Above this a file is split by noun.
const MAX_LINES: usize = 600;

/// Written in two parts, so that this file keeps its own rules.
const NEVER: &[(&str, &str, &str)] = &[
    ("todo", "!(", "finish it"),
    ("unimplemented", "!(", "finish it"),
    ("#[igno", "re", "a test runs or goes"),
    ("dbg", "!(", "use tracing"),
    ("/root", "/", "name no path of one machine"),
    ("/work", "/main", "name no path of one machine"),
    ("index.crates", ".io-", "name no registry's host"),
    ("static.crates", ".io", "name no registry's host"),
];

/// `domain/` is rules over values.
const NOT_IN_DOMAIN: &[&str] =
    &["database::", "diesel", "actix_web", "messaging::", "chassis::", "lapin", "reqwest", "tokio::"];

pub fn faults(root: &Path, path: &Path) -> Vec<Fault> {
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    if generated(&name) {
        return Vec::new();
    }
    // What is not text has no lines.
    let Ok(text) = read(path) else { return Vec::new() };
    let mut faults: Vec<_> = text
        .lines()
        .enumerate()
        .flat_map(|(number, line)| {
            line_faults(&name, line).map(|fault| format!("{name}:{}: {fault}", number + 1)).collect::<Vec<_>>()
        })
        .collect();
    let lines = text.lines().count();
    if name.ends_with(".rs") && lines > MAX_LINES {
        faults.push(format!("{name}: {lines} lines, at most {MAX_LINES}: split it by noun"));
    }
    if module_name(&name).is_some_and(|module| ["common", "utils", "helpers", "shared", "misc"].contains(&module)) {
        faults.push(format!("{name}: name the module after what it is for"));
    }
    faults
}

/// Texts that programs or others write.
fn generated(name: &str) -> bool {
    name.ends_with("Cargo.lock") || name.ends_with("openapi.json") || name.contains("/assets/") || name == "LICENSE"
}

fn line_faults<'a>(name: &'a str, line: &'a str) -> impl Iterator<Item = String> + 'a {
    let never = NEVER
        .iter()
        .map(|(head, tail, reason)| (format!("{head}{tail}"), reason))
        .filter(|(pattern, _)| line.contains(pattern))
        .map(|(pattern, reason)| format!("`{pattern}`: {reason}"));
    let judged = name.contains("/src/domain") && name.ends_with(".rs") && !line.trim_start().starts_with("//");
    let imports = NOT_IN_DOMAIN
        .iter()
        .filter(move |module| judged && line.contains(*module))
        .map(|module| format!("`{module}`: domain/ knows no database, HTTP or bus"));
    never.chain(imports)
}

fn module_name(name: &str) -> Option<&str> {
    let stem = name.strip_suffix("/mod.rs").or_else(|| name.strip_suffix(".rs"))?;
    stem.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(name: &str, line: &str) -> usize {
        line_faults(name, line).count()
    }

    #[test]
    fn lines() {
        assert_eq!(count("crates/x/src/lib.rs", "use diesel::prelude::*;"), 0);
        assert_eq!(count("crates/x/src/domain/due.rs", "use diesel::prelude::*;"), 1);
        assert_eq!(count("crates/x/src/domain/due.rs", "// no diesel here"), 0);
        assert_eq!(count("crates/x/src/lib.rs", concat!("    to", "do!()")), 1);
    }

    #[test]
    fn modules() {
        assert_eq!(module_name("crates/x/src/utils/mod.rs"), Some("utils"));
        assert_eq!(module_name("crates/x/src/due.rs"), Some("due"));
        assert_eq!(module_name("README.md"), None);
    }
}
