#![doc = include_str!("../README.md")]

mod bench;
mod openapi;
mod tidy;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::Parser;

/// Tasks of the workspace.
#[derive(Parser)]
enum Task {
    /// Check the invariants of ARCHITECTURE.md and STYLE.md that a program can check
    Tidy,
    /// Write each service's OpenAPI document to its contract crate
    Openapi,
    /// Measure, and write docs/performance.md
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Tidy => tidy::run(&root()),
        Task::Openapi => openapi::run(&root()),
        Task::Bench(options) => bench::run(&root(), &options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("crates/xtask lies two folders deep").to_owned()
}

/// Builds all programs of the workspace, and says where they are.
fn built(root: &Path, profile: &str) -> Result<PathBuf, String> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--profile", profile, "--workspace", "--bins"])
        .current_dir(root)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !built.success() {
        return Err("the build failed".into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join(if profile == "dev" { "debug" } else { profile }))
}
