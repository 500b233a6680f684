//! The page that tells the figures.

use std::{fmt::Write, time::Duration};

use super::{Operation, Options, SetUp, load::Figures, machine};

pub fn page(options: &Options, set_ups: &[SetUp]) -> String {
    let mut page = format!(
        "# Performance\n\n\
         Written by `cargo xtask bench`: {} build, {} connections, {} s for each load after 1 s of warming up; load, \
         product, PostgreSQL and RabbitMQ share one machine: {}. Every request passes the gateway with an API key.\n",
        options.profile,
        options.connections,
        options.seconds,
        machine::describe(),
    );
    for set_up in set_ups {
        write_set_up(&mut page, set_up).expect("a string takes everything");
    }
    page.push_str(NOTES);
    page
}

fn write_set_up(page: &mut String, set_up: &SetUp) -> std::fmt::Result {
    let title =
        if set_up.name == "embedded" { "one process, SQLite" } else { "a process a service, PostgreSQL and RabbitMQ" };
    writeln!(page, "\n## {} ({title})\n", capital(set_up.name))?;
    writeln!(page, "| through the gateway | requests/s | p50 | p99 | limit: the same SQL/s | p50 | p99 |")?;
    writeln!(page, "|---|---:|---:|---:|---:|---:|---:|")?;
    for ((operation, figures), limit) in Operation::ALL.iter().zip(&set_up.loads).zip(&set_up.limits) {
        writeln!(page, "| {operation} | {} | {} |", cells(figures), cells(limit))?;
    }
    let Figures { p50, p99, .. } = set_up.latency;
    writeln!(
        page,
        "\nFrom the answer to a logged interaction until the score that counts it is read: p50 {}, p99 {}.\n",
        time(p50),
        time(p99)
    )?;
    writeln!(page, "| process | start to ready | memory when idle | after the load |")?;
    writeln!(page, "|---|---:|---:|---:|")?;
    for (name, before, after) in &set_up.memory {
        let start =
            set_up.start.iter().find(|(other, _)| other == name).map_or_else(String::new, |(_, start)| time(*start));
        writeln!(page, "| {name} | {start} | {} MiB | {} MiB |", before / 1024, after / 1024)?;
    }
    Ok(())
}

const NOTES: &str = "
## How to read this

- The limit is the same SQL on the tables the product has just used, with the same durability: a create inserts the row, its
  audit entry and its event in one transaction, as the product does. On PostgreSQL it is `pgbench -M prepared` with as many
  connections; on SQLite, one connection in a loop. What the product adds is HTTP twice (gateway and service), authentication,
  validation, JSON and the event's way to its consumers.
- While the creates are measured, relay and consumers work on their events, on the same cores.
- Embedded, SQLite commits with `synchronous=NORMAL`: a commit survives a killed process, the last ones may not survive a
  power cut. PostgreSQL commits with the durability of the server it was given.
";

pub fn cells(figures: &Figures) -> String {
    format!("{:.0} | {} | {}", figures.per_second, time(figures.p50), time(figures.p99))
}

fn time(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 { format!("{milliseconds:.2} ms") } else { format!("{milliseconds:.0} ms") }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
