//! Lists, searches and reads on few and on many customers, measured by an example of the registry's.

use std::{collections::BTreeSet, fmt::Write, path::Path, process::Command};

use serde_json::Value;

use super::{Options, machine};

/// The heading of the section in docs/performance.md.
const TITLE: &str = "## Registry, from few customers to many";

/// Runs the example and tells its figures as a section.
pub fn section(root: &Path, options: &Options) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--profile", &options.profile, "--package", "registry", "--example", "bench", "--"])
        .args(["--customers", &options.customers.to_string()])
        .current_dir(root)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err("the registry's bench failed".into());
    }
    let text = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
    let figures = text.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>();
    Ok(told(&figures.map_err(|error| error.to_string())?, &options.profile))
}

fn told(figures: &[Value], profile: &str) -> String {
    let mut section = format!(
        "{TITLE}\n\nWritten by `cargo xtask bench --only registry`: {profile} build, one request after another, asked of the \
         service itself; {}. Growth is the second p99 over the first.\n",
        machine::describe(),
    );
    let backends: BTreeSet<_> = figures.iter().filter_map(|one| one["backend"].as_str()).collect();
    for backend in backends {
        let own: Vec<_> = figures.iter().filter(|one| one["backend"] == backend).collect();
        let counts: BTreeSet<_> = own.iter().filter_map(|one| one["customers"].as_u64()).collect();
        let heads: String = counts.iter().map(|count| format!(" {count} customers: p50 | p99 |")).collect();
        writeln!(section, "\n| {backend} |{heads} growth |").expect("a string takes everything");
        writeln!(section, "|---|{}---:|", "---:|---:|".repeat(counts.len())).expect("a string takes everything");
        let mut operations: Vec<_> = own.iter().filter_map(|one| one["operation"].as_str()).collect();
        operations.truncate(own.len() / counts.len());
        for operation in operations {
            let rows: Vec<_> = own.iter().filter(|one| one["operation"] == operation).collect();
            let cells: String =
                rows.iter().map(|one| format!(" {} | {} |", time(&one["p50"]), time(&one["p99"]))).collect();
            let growth = match rows.as_slice() {
                [few, .., many] => many["p99"].as_f64().zip(few["p99"].as_f64()).map_or(0.0, |(many, few)| many / few),
                _ => 1.0,
            };
            writeln!(section, "| {operation} |{cells} {growth:.1} |").expect("a string takes everything");
        }
    }
    section
}

fn time(microseconds: &Value) -> String {
    format!("{:.2} ms", microseconds.as_f64().unwrap_or_default() / 1000.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_told_with_their_growth() {
        let figure = |customers: u64, p99: u64| json!({ "backend": "Sqlite", "customers": customers, "operation": "read by id", "p50": 500, "p99": p99 });
        let section = told(&[figure(10, 1000), figure(1000, 1500)], "release");
        assert!(section.ends_with(
            "| Sqlite | 10 customers: p50 | p99 | 1000 customers: p50 | p99 | growth |\n|---|---:|---:|---:|---:|---:|\n\
             | read by id | 0.50 ms | 1.00 ms | 0.50 ms | 1.50 ms | 1.5 |\n"
        ), "{section}");
    }
}
