//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{heaps, house, import, keys, serve};

/// Client relationship management: all services in one process, and the tools around them.
#[derive(Debug, Parser)]
#[command(name = "guanxi", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every service and the gateway in this process.
    #[command(after_help = house::choices_described())]
    Serve(Serve),
    /// Send a CSV file to a running gateway. Exit code 0: every row was taken, 2: some failed, 1: refused.
    #[command(subcommand)]
    Import(import::What),
    /// Put a service's dead letters back into its queue. A running server takes them up within half a minute.
    Redrive(OfService),
    /// Have a service tell all its state again, for others that lost theirs.
    Republish(OfService),
    /// Bring the databases to the version of this program.
    Migrate {
        #[command(flatten)]
        storage: Storage,
    },
    /// Print the OpenAPI document of one service, or of the whole interface.
    Openapi {
        /// registry, interactions, complaints, scoring or gateway.
        service: Option<String>,
    },
    /// Print a new pair of keys for internal tokens: the seed for the gateway, the public key for the services.
    Keys,
}

#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    pub storage: Storage,
    /// Address the gateway listens on; port 0 takes a free one.
    #[arg(long, env = "GUANXI_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What is logged, to standard error, such as `info` or `warn,scoring=debug`.
    #[arg(long, env = "GUANXI_LOG", default_value = "warn")]
    pub log: String,
    /// Fill an empty world with an invented one: customers, people, two years of meetings and complaints.
    #[arg(long)]
    pub demo: bool,
}

#[derive(Debug, clap::Args)]
struct OfService {
    /// registry, interactions, complaints or scoring.
    service: String,
    #[command(flatten)]
    storage: Storage,
}

/// Where state is kept: files in a folder, unless a database server or a broker is named.
#[derive(Debug, Clone, clap::Args)]
pub struct Storage {
    /// Folder of the databases; made at the first start, readable for its owner only.
    #[arg(long, env = "GUANXI_DATA", default_value = "./data")]
    pub data: PathBuf,
    /// Address of the databases with `{service}` in it, such as `postgres://user:password@host/guanxi_{service}`.
    #[arg(long, env = "GUANXI_DATABASE_URL_TEMPLATE", hide_env_values = true, value_parser = template)]
    pub database_url_template: Option<String>,
    /// Address of a RabbitMQ broker, such as `amqp://user:password@host`.
    #[arg(long, env = "GUANXI_BROKER_URL", hide_env_values = true)]
    pub broker_url: Option<String>,
}

impl Storage {
    /// Files in a folder, nothing else.
    pub fn folder(data: impl Into<PathBuf>) -> Self {
        Self { data: data.into(), database_url_template: None, broker_url: None }
    }
}

fn template(text: &str) -> Result<String, String> {
    if text.contains("{service}") {
        Ok(text.to_owned())
    } else {
        Err("each service needs a database of its own: write {service} where its name goes".to_owned())
    }
}

/// Runs what the arguments ask for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("guanxi: {}", told(&*error));
            ExitCode::FAILURE
        }
    }
}

/// The error and what caused it, each once: some name their cause themselves.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Runs a command's future, with as many threads as there are cores.
fn within<T, E: Into<Box<dyn std::error::Error>>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Box<dyn std::error::Error>> {
    chassis::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(work).map_err(Into::into)
}

fn run(command: Command) -> Result<ExitCode, Box<dyn std::error::Error>> {
    Ok(match command {
        Command::Serve(order) => {
            chassis::telemetry::init(&order.log, None).map_err(|error| error.to_string())?;
            heaps::keep_few();
            within(serve::run(order))?
        }
        Command::Import(what) => within(import::run(what))?.into(),
        Command::Redrive(of) => within(house::redrive(&of.storage, &of.service))?,
        Command::Republish(of) => within(house::republish(&of.storage, &of.service))?,
        Command::Migrate { storage } => within(house::migrate(&storage))?,
        Command::Openapi { service } => within(house::print_openapi(service.as_deref()))?,
        Command::Keys => keys::print()?,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn help_names_what_the_services_inside_take() {
        let mut cli = Cli::command();
        let serve = cli.find_subcommand_mut("serve").expect("a command");
        let help = serve.render_help().to_string();
        for variable in ["GUANXI_COMPLAINTS__PORTAL_URL  ", "GUANXI_GATEWAY__RATE_LIMIT  "] {
            assert!(help.contains(variable), "{help}");
        }
        // Given by this program itself.
        assert!(!help.contains("GUANXI_GATEWAY__TOKEN_SEED"), "{help}");
    }
}
