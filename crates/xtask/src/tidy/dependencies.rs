//! Who may know whom.

use std::path::{Path, PathBuf};

use super::{Fault, read};

const SERVICES: &[&str] = &["registry", "interactions", "complaints", "scoring"];

/// Lower layers first; nobody depends on a later one.
const FOUNDATIONS: &[&str] = &["wire", "problem", "database", "messaging", "chassis"];

pub struct Crate {
    pub name: String,
    pub folder: PathBuf,
    /// What the code itself is built with.
    normal: Vec<String>,
    /// What its tests are built with besides.
    dev: Vec<String>,
}

impl Crate {
    pub fn all(root: &Path) -> Result<Vec<Self>, String> {
        let crates = root.join("crates");
        let listed = std::fs::read_dir(&crates).map_err(|error| format!("{}: {error}", crates.display()))?;
        let mut folders: Vec<_> = listed.filter_map(Result::ok).map(|entry| entry.path()).collect();
        folders.push(root.join("tests"));
        folders.sort();
        folders.into_iter().filter(|folder| folder.join("Cargo.toml").is_file()).map(Self::read).collect()
    }

    fn read(folder: PathBuf) -> Result<Self, String> {
        let manifest = folder.join("Cargo.toml");
        let table: toml::Table =
            read(&manifest)?.parse().map_err(|error| format!("{}: {error}", manifest.display()))?;
        let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let names = |section: &str| -> Vec<String> {
            table
                .get(section)
                .and_then(toml::Value::as_table)
                .map(|table| table.keys().cloned().collect())
                .unwrap_or_default()
        };
        Ok(Self {
            name: name.ok_or_else(|| format!("{}: no name", manifest.display()))?.to_owned(),
            normal: names("dependencies"),
            dev: names("dev-dependencies"),
            folder,
        })
    }
}

pub fn faults(krate: &Crate, all: &[Crate]) -> Vec<Fault> {
    let ours = |name: &&String| all.iter().any(|other| other.name == **name);
    let normal = krate.normal.iter().map(|name| (name, forbidden(&krate.name, name)));
    let dev = krate.dev.iter().filter(ours).map(|name| (name, forbidden_in_tests(&krate.name, name)));
    normal
        .chain(dev)
        .filter_map(|(name, reason)| Some(format!("{} depends on {name}: {}", krate.name, reason?)))
        .collect()
}

/// Why one crate may not be built with another, if so.
fn forbidden(krate: &str, dependency: &str) -> Option<&'static str> {
    let is_service = |name: &str| SERVICES.contains(&name);
    let is_contract = |name: &str| name.ends_with("-contract");
    if is_service(dependency) && krate != "guanxi" {
        return Some("a service is known by its contract only");
    }
    if dependency == "gateway" && krate != "guanxi" {
        return Some("the gateway stands before everything and under nothing");
    }
    if dependency == "guanxi" || (dependency == "testkit" && krate != "testkit") {
        return Some("it is nobody's dependency outside tests");
    }
    if dependency == "reqwest" && is_service(krate) {
        return Some("services learn of each other by events, never by calls");
    }
    if is_contract(krate)
        && (FOUNDATIONS.contains(&dependency) && dependency != "wire"
            || dependency == "diesel"
            || dependency == "actix-web")
    {
        return Some("a contract is types on the wire, whoever serves or calls");
    }
    let layer = |name: &str| FOUNDATIONS.iter().position(|foundation| *foundation == name);
    match (layer(krate), layer(dependency)) {
        (Some(this), Some(that)) if that >= this => Some("a lower layer does not know a higher one"),
        (Some(_), None) if is_contract(dependency) => Some("what all services stand on knows none of them"),
        _ => None,
    }
}

/// Tests may use the testkit and an HTTP client, and no more of the others than the code.
fn forbidden_in_tests(krate: &str, dependency: &str) -> Option<&'static str> {
    if dependency == "testkit" { None } else { forbidden(krate, dependency) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers() {
        for (krate, dependency, allowed) in [
            ("complaints", "registry-contract", true),
            ("complaints", "registry", false),
            ("gateway", "registry", false),
            ("guanxi", "registry", true),
            ("scoring", "reqwest", false),
            ("gateway", "reqwest", true),
            ("database", "wire", true),
            ("database", "messaging", false),
            ("chassis", "messaging", true),
            ("chassis", "scoring-contract", false),
            ("scoring-contract", "chassis", false),
            ("scoring-contract", "wire", true),
        ] {
            assert_eq!(forbidden(krate, dependency).is_none(), allowed, "{krate} -> {dependency}");
        }
        assert_eq!(forbidden_in_tests("scoring", "testkit"), None);
    }
}
