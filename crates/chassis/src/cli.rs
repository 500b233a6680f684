use std::{error::Error, io::Write as _, path::PathBuf, process::ExitCode};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use messaging::Bus;
use tokio::signal::unix::{SignalKind, signal};

use crate::{Service, Settings, run, settings, start, telemetry};

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
struct Arguments {
    /// A TOML file with configuration keys in snake case; the environment wins over it
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Subcommand)]
enum Command {
    /// Serve until told to stop (SIGTERM or Ctrl-C)
    Serve,
    /// Bring the database's schema up to date
    Migrate,
    /// Print the OpenAPI document
    Openapi,
    /// Put dead letters back into the queue
    Redrive,
    /// Publish the whole state again, for consumers that start from nothing
    Republish,
}

/// The whole of a service's `main`.
pub fn main(service: &'static Service) -> ExitCode {
    let command = Arguments::command()
        .name(service.name)
        .about(service.about)
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(settings::described(service));
    let arguments = match Arguments::from_arg_matches(&command.get_matches()) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    match execute(service, &arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {}", service.name, told(&*error));
            ExitCode::FAILURE
        }
    }
}

fn execute(service: &'static Service, arguments: &Arguments) -> Fallible<()> {
    if let Command::Openapi = arguments.command {
        writeln!(std::io::stdout(), "{}", crate::openapi(service).to_pretty_json()?)?;
        return Ok(());
    }
    let settings = Settings::load(service, std::env::vars(), arguments.config.as_deref())?;
    telemetry::init(&settings.log, settings.log_format)?;
    run::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.command {
            Command::Serve => serve(service, settings).await,
            Command::Migrate => migrate(service, &settings).await,
            Command::Redrive => redrive(service, &settings).await,
            Command::Republish => republish(service, settings).await,
            // Answered above, without configuration.
            Command::Openapi => Ok(()),
        }
    })
}

async fn serve(service: &'static Service, settings: Settings) -> Fallible<()> {
    // Before the start, so that a signal during it is not lost.
    let mut terminate = signal(SignalKind::terminate())?;
    let bus = Bus::connect(settings.broker_url.expose()).await?;
    let mut running = start(service, settings, bus).await?;
    let failure = tokio::select! {
        _ = terminate.recv() => None,
        interrupted = tokio::signal::ctrl_c() => interrupted.err().map(|error| error.to_string()),
        failure = running.failed() => Some(failure),
    };
    running.stop().await;
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

async fn migrate(service: &Service, settings: &Settings) -> Fallible<()> {
    run::open(settings)?.migrate(run::migrations(service)).await?;
    tracing::info!(service = service.name, "the schema is up to date");
    Ok(())
}

async fn redrive(service: &Service, settings: &Settings) -> Fallible<()> {
    let bus = Bus::connect(settings.broker_url.expose()).await?;
    let letters = messaging::redrive(&bus, service.name).await?;
    tracing::info!(service = service.name, letters, "put back");
    Ok(())
}

async fn republish(service: &'static Service, settings: Settings) -> Fallible<()> {
    let republish = service.republish.ok_or("this service publishes nothing")?;
    let bus = Bus::connect(settings.broker_url.expose()).await?;
    // On a free port: only the context is needed, and the relay that publishes what is enqueued here.
    let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..settings };
    let running = start(service, settings, bus).await?;
    let events = republish(running.context.clone()).await;
    let drained = messaging::drain_outbox(&running.context.db, &running.context.bus).await;
    running.stop().await;
    let events = events?;
    drained?;
    tracing::info!(service = service.name, events, "published again");
    Ok(())
}

fn told(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
