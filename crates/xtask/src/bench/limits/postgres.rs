//! pgbench, with as many connections as the product's load.

use std::{process::Command, time::Duration};

use super::super::{
    Operation, Options,
    load::{Figures, Times},
};

const CREATE_CUSTOMER: &str = r"
BEGIN;
INSERT INTO customers (id, code, name, kind, tier, lifecycle, industry, country, city, language, time_zone, currency,
                       owner, sort_name, version, created_at, updated_at)
VALUES (gen_random_uuid(), 'B-' || nextval('customer_code'), 'Huaxing Telecom', 'enterprise', 'B', 'prospect', 'telecom',
        'CN', 'Shenzhen', 'zh-CN', 'Asia/Shanghai', 'CNY', 'li.wei', 'huaxing telecom', 1, now(), now());
INSERT INTO audit_entries (id, at, actor, action, resource, resource_id)
VALUES (gen_random_uuid(), now(), 'system', 'customer.created', 'customer', gen_random_uuid());
INSERT INTO outbox (id, event_type, body, created_at)
VALUES (gen_random_uuid(), 'registry.customer.created.v1', repeat('x', 700), now());
COMMIT;
";

const READ_CUSTOMER: &str = r"
\set n random(1, 10000)
SELECT * FROM customers WHERE id = (SELECT id FROM customers_of_the_bench WHERE n = :n);
SELECT * FROM customer_external_ids WHERE customer_id = (SELECT id FROM customers_of_the_bench WHERE n = :n);
";

const LIST_CUSTOMERS: &str = r"
SELECT * FROM customers ORDER BY sort_name, id LIMIT 51;
";

const CREATE_INTERACTION: &str = r"
BEGIN;
INSERT INTO interactions (id, code, customer_id, occurred_at, channel, means, subject, outcome, version, created_at, updated_at)
VALUES (gen_random_uuid(), 'B-' || nextval('interaction_code'), gen_random_uuid(), now(), 'call', 'routine_visit',
        'Quarterly review', 3, 1, now(), now());
INSERT INTO audit_entries (id, at, actor, action, resource, resource_id)
VALUES (gen_random_uuid(), now(), 'system', 'interaction.logged', 'interaction', gen_random_uuid());
INSERT INTO outbox (id, event_type, body, created_at)
VALUES (gen_random_uuid(), 'interactions.interaction.logged.v1', repeat('x', 700), now());
COMMIT;
";

/// For reads by id, an id must come from somewhere: a table that stays in memory.
const PREPARE: &str = "DROP TABLE IF EXISTS customers_of_the_bench;
CREATE TABLE customers_of_the_bench AS SELECT row_number() OVER () AS n, id FROM customers LIMIT 10000;
CREATE UNIQUE INDEX ON customers_of_the_bench (n) INCLUDE (id);
VACUUM ANALYZE;";

pub fn of(database: &str, operation: Operation, options: &Options) -> Result<Figures, String> {
    let script = match operation {
        Operation::CreateCustomer => CREATE_CUSTOMER,
        Operation::ReadCustomer => READ_CUSTOMER,
        Operation::ListCustomers => LIST_CUSTOMERS,
        Operation::CreateInteraction => CREATE_INTERACTION,
    };
    if operation == Operation::ReadCustomer {
        command("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-d", database], Some(PREPARE))?;
    }
    pgbench(database, script, options)
}

fn pgbench(database: &str, script: &str, options: &Options) -> Result<Figures, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (file, log) = (folder.path().join("script.sql"), folder.path().join("log"));
    std::fs::write(&file, script).map_err(|error| error.to_string())?;
    let (file, log) = (file.display().to_string(), log.display().to_string());
    let (clients, seconds) = (options.connections.to_string(), options.seconds.to_string());
    let args = [
        "-n",
        "-M",
        "prepared",
        "-c",
        &clients,
        "-j",
        "2",
        "-T",
        &seconds,
        "-f",
        &file,
        "-l",
        "--log-prefix",
        &log,
        database,
    ];
    command("pgbench", &args, None)?;

    let mut times = Times::default();
    for entry in std::fs::read_dir(folder.path()).map_err(|error| error.to_string())?.filter_map(Result::ok) {
        if entry.path() != std::path::Path::new(&file) {
            let text = std::fs::read_to_string(entry.path()).map_err(|error| error.to_string())?;
            // "client transaction time_us script epoch us"
            let microseconds = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse().ok());
            microseconds.for_each(|time| times.note(Duration::from_micros(time)));
        }
    }
    Ok(times.figures_over(Duration::from_secs(options.seconds)))
}

fn command(program: &str, args: &[&str], input: Option<&str>) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(args);
    if let Some(input) = input {
        // One -c a statement: VACUUM cannot share a transaction with others.
        command.args(input.split(';').map(str::trim).filter(|statement| !statement.is_empty()).flat_map(|s| ["-c", s]));
    }
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
