//! Logs: JSON lines for machines, text on a terminal. Personal data has no place in them.

use std::{io::IsTerminal, panic};

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

pub use crate::settings::LogFormat;

/// Sets up logging for the process. `filter` is such as `info,registry=debug`; without a format a terminal gets text.
///
/// # Errors
/// When the filter makes no sense or logging was set up before.
pub fn init(filter: &str, format: Option<LogFormat>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let on_terminal = std::io::stderr().is_terminal();
    let filter = EnvFilter::try_new(filter)?;
    let registry = tracing_subscriber::registry().with(filter);
    match format.unwrap_or(if on_terminal { LogFormat::Text } else { LogFormat::Json }) {
        LogFormat::Json => {
            let json = fmt::layer().json().flatten_event(true).with_span_list(false);
            registry.with(json.with_writer(std::io::stderr)).try_init()?;
        }
        LogFormat::Text => {
            let text = fmt::layer().with_ansi(on_terminal).with_target(false);
            registry.with(text.with_writer(std::io::stderr)).try_init()?;
        }
    }
    // Only the place: what a panic says may quote data.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    Ok(())
}
