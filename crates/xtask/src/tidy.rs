//! What reviewers need not look for.

mod dependencies;
mod sources;

use std::{
    fs,
    path::{Path, PathBuf},
};

use dependencies::Crate;

/// A broken rule, told with the place and the reason.
type Fault = String;

pub fn run(root: &Path) -> Result<(), String> {
    let crates = Crate::all(root)?;
    let files = files(root)?;
    let faults: Vec<Fault> = crates
        .iter()
        .flat_map(|krate| dependencies::faults(krate, &crates))
        .chain(crates.iter().flat_map(rooms))
        .chain(files.iter().flat_map(|path| sources::faults(root, path)))
        .collect();
    if faults.is_empty() {
        println!("{} crates and {} files keep the rules", crates.len(), files.len());
        return Ok(());
    }
    Err(format!("{}\n{} rules broken", faults.join("\n"), faults.len()))
}

/// Names that say nothing of what is inside, and what every crate has.
fn rooms(krate: &Crate) -> Vec<Fault> {
    let mut faults = Vec::new();
    if ["common", "utils", "helpers", "shared"].iter().any(|word| krate.name.split('-').any(|part| part == *word)) {
        faults.push(format!("{}: name the crate after what it is for", krate.name));
    }
    if !krate.folder.join("README.md").is_file() {
        faults.push(format!("{}: has no README.md", krate.name));
    }
    faults
}

/// Every file of the repository that people write, by git's own account.
fn files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = std::process::Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    if !listed.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr)));
    }
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(|path| root.join(path))
        .filter(|path| path.is_file())
        .collect())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
