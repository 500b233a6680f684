//! The product's speed, beside the limits set by what it stands on.

mod complaints;
mod import;
mod limits;
mod load;
mod machine;
mod registry;
mod report;
mod sections;

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use system_tests::{Api, Build, PATIENCE, System, eventually};

use load::Figures;

#[derive(Args)]
pub struct Options {
    /// How long each load lasts, in seconds
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// How many requests are under way at once
    #[arg(long, default_value_t = 16)]
    pub connections: usize,
    /// How often the way from an event to the score is timed
    #[arg(long, default_value_t = 200)]
    pub rounds: usize,
    /// The profile to build with: release, dist or, only to try the bench itself, dev
    #[arg(long, default_value = "release")]
    pub profile: String,
    /// Measures the programs in this folder instead of building any
    #[arg(long)]
    pub built: Option<PathBuf>,
    /// How many rows the imported file has
    #[arg(long, default_value_t = 100_000)]
    pub import_rows: usize,
    /// How many complaints there are in the part that has many
    #[arg(long, default_value_t = 1_000_000)]
    pub complaints: i64,
    /// Only these set-ups and parts: embedded, distributed, import, complaints, registry
    #[arg(long, value_delimiter = ',', default_values = ["embedded", "distributed", "import"])]
    pub only: Vec<String>,
    /// Customers in the registry's part, which fills its tables with them
    #[arg(long, default_value_t = 1_000_000)]
    pub customers: usize,
}

/// What is measured through the gateway, and without it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    CreateCustomer,
    ReadCustomer,
    ListCustomers,
    CreateInteraction,
}

impl Operation {
    pub const ALL: [Self; 4] = [Self::CreateCustomer, Self::ReadCustomer, Self::ListCustomers, Self::CreateInteraction];
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateCustomer => "create customer",
            Self::ReadCustomer => "read customer by id",
            Self::ListCustomers => "list 50 customers",
            Self::CreateInteraction => "create interaction",
        })
    }
}

/// The limits are there against abuse, which a load test looks like.
const UNLIMITED: &[(&str, &str)] =
    &[("GUANXI_GATEWAY__RATE_LIMIT", "1000000"), ("GUANXI_GATEWAY__RATE_BURST", "1000000")];

pub struct SetUp {
    pub name: &'static str,
    pub start: Vec<(&'static str, Duration)>,
    /// Process, KiB after start, KiB after the load.
    pub memory: Vec<(&'static str, u64, u64)>,
    pub loads: Vec<Figures>,
    pub latency: Figures,
    /// The same SQL with nothing above it.
    pub limits: Vec<Figures>,
}

pub fn run(root: &Path, options: &Options) -> Result<(), String> {
    let path = root.join("docs/performance.md");
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let has = |part: &str| options.only.iter().any(|only| only == part);
    let registry = match has("registry") {
        true => Some(registry::section(root, options)?),
        false => None,
    };
    let (set_ups, parts) = match ["embedded", "distributed", "import", "complaints"].into_iter().any(has) {
        true => through_the_gateway(root, options)?,
        false => (Vec::new(), Vec::new()),
    };
    let page = if set_ups.is_empty() { before } else { sections::keep(&before, &report::page(options, &set_ups)) };
    let page = parts.iter().chain(&registry).fold(page, |page, section| sections::put(&page, section));
    std::fs::write(&path, page).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

fn through_the_gateway(root: &Path, options: &Options) -> Result<(Vec<SetUp>, Vec<String>), String> {
    let build = match &options.built {
        Some(folder) => Build::at(folder),
        None => Build::at(&crate::built(root, &options.profile)?),
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let asked = |part: &str| options.only.iter().any(|only| only == part);
    runtime.block_on(async {
        let mut set_ups = Vec::new();
        if asked("embedded") {
            let system = System::embedded_with(&build, UNLIMITED).await;
            set_ups.push(measure("embedded", system, options).await?);
        }
        if asked("distributed") {
            let system = System::distributed_with(&build, UNLIMITED).await;
            set_ups.push(measure("distributed", system, options).await?);
        }
        let mut parts = Vec::new();
        if asked("import") {
            parts.push(import::section(&build, options).await?);
        }
        if asked("complaints") {
            parts.push(complaints::section(&build, options).await?);
        }
        Ok((set_ups, parts))
    })
}

async fn measure(name: &'static str, mut system: System, options: &Options) -> Result<SetUp, String> {
    println!("{name}: start");
    let start = start_times(&mut system).await;
    let idle = machine::memory(&system.processes());
    let api = system.api().clone();

    println!("{name}: from an event to the score");
    let latency = event_to_score(&api, options.rounds).await?;

    let mut loads = Vec::new();
    for operation in Operation::ALL {
        println!("{name}: {operation}");
        loads.push(load::run(&api, operation, options).await?);
    }
    let memory = idle
        .into_iter()
        .zip(machine::memory(&system.processes()))
        .map(|((name, before), (_, after))| (name, before, after));
    let memory = memory.collect();

    system.stop().await;
    let limits = Operation::ALL.into_iter().map(|operation| limits::of(name, &system, operation, options));
    let limits = limits.collect::<Result<_, _>>()?;
    Ok(SetUp { name, start, memory, loads, latency, limits })
}

/// Each process alone, from its start to its readiness.
async fn start_times(system: &mut System) -> Vec<(&'static str, Duration)> {
    let names: Vec<_> = system.processes().into_iter().map(|(name, _)| name).collect();
    let mut times = Vec::new();
    for name in names {
        system.kill(name).await;
        times.push((name, system.start(name).await));
    }
    times
}

/// From the answer to a logged interaction until the score that counts it is read, one at a time.
async fn event_to_score(api: &Api, rounds: usize) -> Result<Figures, String> {
    let customer = load::new_customer(api).await?;
    let path = format!("/customers/{customer}/score");
    eventually("a first score", PATIENCE, async || api.try_get(&path).await).await;
    let mut times = load::Times::default();
    for round in 1..=rounds {
        api.post("/interactions", &load::interaction(&customer)).await;
        let begun = std::time::Instant::now();
        while api.try_get(&path).await?["inputs"]["interactions"] != round {
            if begun.elapsed() > PATIENCE {
                return Err(format!("the score does not count interaction {round}"));
            }
        }
        times.note(begun.elapsed());
    }
    Ok(times.figures())
}
