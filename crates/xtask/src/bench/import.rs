//! One long file of customers, beside the same rows written with nothing above the database.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use reqwest::Method;
use rust_xlsxwriter::Workbook;
use system_tests::{Build, System, eventually};

use super::{Options, UNLIMITED, machine};

/// An upload and all its rows.
const PATIENCE: Duration = Duration::from_secs(900);
/// Services that are told of every customer.
const TOLD: [&str; 3] = ["interactions", "complaints", "scoring"];
/// Tables that an import of new customers writes, with the columns that it fills.
const TABLES: [&str; 4] = ["customers", "customer_external_ids", "audit_entries", "import_rows"];

struct Figures {
    title: &'static str,
    csv: Duration,
    /// From the first byte of the CSV file until every other service has dealt with every customer.
    told: Duration,
    xlsx: Duration,
    /// MiB at most of the process that imports, after the CSV file and after the workbook.
    peak: [u64; 2],
    /// The rows of the customers alone, and of every table that an import writes.
    limit: [Duration; 2],
}

/// The section of the page.
pub async fn section(build: &Build, options: &Options) -> Result<String, String> {
    let embedded = System::embedded_with(build, UNLIMITED).await;
    let embedded = measure("one process, SQLite", "guanxi", embedded, options).await?;
    let distributed = System::distributed_with(build, UNLIMITED).await;
    let distributed = measure("a process a service, PostgreSQL", "registry", distributed, options).await?;
    Ok(written(options, &[embedded, distributed]))
}

async fn measure(title: &'static str, process: &str, mut system: System, options: &Options) -> Result<Figures, String> {
    println!("import: {title}");
    let pid = system.processes().into_iter().find(|(name, _)| *name == process).map(|(_, pid)| pid);
    let pid = pid.ok_or_else(|| format!("no process is called {process}"))?;
    let (file, begun) = (csv_file(options.import_rows).into_bytes(), Instant::now());
    let csv = send(&system, "text/csv", file, options).await?;
    // Not more often: whoever asks takes the same cores.
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let is_told = async || {
        seconds.tick().await;
        match told(&system)? {
            count if count < options.import_rows => Err(format!("{count} customers are known everywhere")),
            _ => Ok(begun.elapsed()),
        }
    };
    let told = eventually("every service knows every customer", PATIENCE, is_told).await;
    let after_csv = machine::peak(pid) / 1024;
    let xlsx = send(&system, "application/octet-stream", xlsx_file(options.import_rows)?, options).await?;
    let after_xlsx = machine::peak(pid) / 1024;
    system.stop().await;
    let limit = match system.data_folder() {
        Some(folder) => sqlite_limit(&folder.join("registry.db"))?,
        None => postgres_limit(&system.database_url("registry"))?,
    };
    Ok(Figures { title, csv, told, xlsx, peak: [after_csv, after_xlsx], limit })
}

/// How many events the slowest service has dealt with.
fn told(system: &System) -> Result<usize, String> {
    let mut least = usize::MAX;
    for service in TOLD {
        let count = match system.data_folder() {
            Some(folder) => {
                let file = folder.join(format!("{service}.db")).display().to_string();
                let mut conn = SqliteConnection::establish(&file).map_err(|error| error.to_string())?;
                let count = diesel::select(diesel::dsl::sql::<BigInt>("(SELECT count(*) FROM inbox)"));
                count.get_result::<i64>(&mut conn).map_err(|error| error.to_string())?.to_string()
            }
            None => psql(&system.database_url(service), "SELECT count(*) FROM inbox")?,
        };
        least = least.min(count.trim().parse().map_err(|_| format!("{service} counts {count:?}"))?);
    }
    Ok(least)
}

/// From the first byte to the answer that the last row is dealt with.
async fn send(system: &System, media_type: &str, file: Vec<u8>, options: &Options) -> Result<Duration, String> {
    let api = system.api();
    let request = api.request(Method::POST, "/imports?kind=customers&system=bench").timeout(PATIENCE);
    let begun = Instant::now();
    let answer = api.send(request.header("content-type", media_type).body(file)).await;
    let took = begun.elapsed();
    let answer = answer.map_err(|error| format!("the import: {error}"))?;
    if answer.body["created"] != options.import_rows || answer.body["state"] != "completed" {
        return Err(format!("the import did not create every row: {}", answer.body));
    }
    Ok(took)
}

const HEADER: [&str; 7] = ["name", "external_id", "industry", "country", "city", "phone", "employees"];

fn cells(prefix: &str, row: usize) -> [String; 7] {
    [
        format!("华兴示例科技{row:07}有限公司"),
        format!("{prefix}{row:07}"),
        ["银行", "通信", "制造", "医药"][row % 4].to_owned(),
        "CN".to_owned(),
        ["深圳", "上海", "北京"][row % 3].to_owned(),
        format!("0755-{:07}", row % 10_000_000),
        (row % 5000).to_string(),
    ]
}

fn csv_file(rows: usize) -> String {
    let mut file = HEADER.join(",") + "\n";
    for row in 0..rows {
        writeln!(file, "{}", cells("C", row).join(",")).expect("a string takes everything");
    }
    file
}

fn xlsx_file(rows: usize) -> Result<Vec<u8>, String> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let failed = |error: rust_xlsxwriter::XlsxError| error.to_string();
    sheet.write_row(0, 0, HEADER).map_err(failed)?;
    for (at, row) in (1..).zip(0..rows) {
        sheet.write_row(at, 0, cells("X", row)).map_err(failed)?;
    }
    book.save_to_buffer().map_err(failed)
}

/// COPY of the rows that the two imports have just written, into the same tables, made empty.
fn postgres_limit(database: &str) -> Result<[Duration; 2], String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = |table: &str| folder.path().join(table).display().to_string();
    for table in TABLES {
        psql(database, &format!("\\copy {table} TO '{}'", file(table)))?;
    }
    let events = "SELECT gen_random_uuid(), 'registry.customer.created.v1', repeat('x', 700), now() FROM customers";
    psql(database, &format!("\\copy ({events}) TO '{}'", file("outbox")))?;
    psql(database, "TRUNCATE customers, customer_external_ids, import_rows, audit_entries, outbox CASCADE")?;
    psql(database, "CHECKPOINT")?;
    let alone = timed(|| psql(database, &format!("\\copy customers FROM '{}'", file("customers"))).map(drop))?;
    let others = timed(|| {
        for table in TABLES.into_iter().skip(1) {
            psql(database, &format!("\\copy {table} FROM '{}'", file(table)))?;
        }
        psql(database, &format!("\\copy outbox (id, event_type, body, created_at) FROM '{}'", file("outbox"))).map(drop)
    })?;
    Ok([alone, alone + others])
}

/// Runs the statement, and answers what it gives.
fn psql(database: &str, statement: &str) -> Result<String, String> {
    let output = Command::new("psql")
        .args(["-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement])
        .output()
        .map_err(|error| format!("psql: {error}"))?;
    let said = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(said(&output.stdout)) } else { Err(format!("psql: {}", said(&output.stderr))) }
}

/// The same rows from a copy in memory, in one transaction.
fn sqlite_limit(file: &Path) -> Result<[Duration; 2], String> {
    let failed = |error: diesel::result::Error| error.to_string();
    let mut conn = SqliteConnection::establish(&file.display().to_string()).map_err(|error| error.to_string())?;
    // What else refers to the rows stays behind without them.
    let prepare =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=OFF; ATTACH ':memory:' AS copy;";
    conn.batch_execute(prepare).map_err(failed)?;
    for table in TABLES {
        let copy = format!("CREATE TABLE copy.{table} AS SELECT * FROM main.{table}; DELETE FROM main.{table};");
        conn.batch_execute(&copy).map_err(failed)?;
    }
    conn.batch_execute("PRAGMA foreign_keys=ON;").map_err(failed)?;
    let event =
        "SELECT randomblob(16), 'registry.customer.created.v1', printf('%.*c', 700, 'x'), 0 FROM copy.customers";
    let insert = |table: &str| format!("INSERT INTO main.{table} SELECT * FROM copy.{table};");
    let alone = timed(|| conn.batch_execute(&format!("BEGIN; {} COMMIT;", insert("customers"))).map_err(failed))?;
    let others: String = TABLES.into_iter().skip(1).map(insert).collect();
    let events = format!("INSERT INTO main.outbox (id, event_type, body, created_at) {event};");
    let others = timed(|| conn.batch_execute(&format!("BEGIN; {others} {events} COMMIT;")).map_err(failed))?;
    Ok([alone, alone + others])
}

fn timed(work: impl FnOnce() -> Result<(), String>) -> Result<Duration, String> {
    let begun = Instant::now();
    work().map(|()| begun.elapsed())
}

fn written(options: &Options, figures: &[Figures]) -> String {
    let rows = options.import_rows;
    let mut page = format!(
        "## Import ({rows} new customers in one file)\n\n\
         Through the gateway, from the first byte to the answer, and until every other service has dealt with every customer; then as \
         many in an Excel workbook. {}; {} build. The limit is \
         COPY (SQLite: INSERT … SELECT) of the same rows into the same tables, both files' together: of the customers alone, \
         and of all that an import writes (customers, keys, audit, events, results of rows).\n\n\
         | | CSV rows/s | until all are told | XLSX rows/s | limit: customers alone | limit: all tables | CSV of that limit | memory at most, CSV | XLSX |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        machine::describe(),
        options.profile,
    );
    for one in figures {
        let per_second = |rows: usize, took: Duration| rows as f64 / took.as_secs_f64();
        let [csv, told, xlsx] = [one.csv, one.told, one.xlsx].map(|took| per_second(rows, took));
        let [alone, all] = one.limit.map(|took| per_second(2 * rows, took));
        let [after_csv, after_xlsx] = one.peak;
        writeln!(
            page,
            "| {} | {csv:.0} | {told:.0} | {xlsx:.0} | {alone:.0} | {all:.0} | {:.2} | {after_csv} MiB | {after_xlsx} MiB |",
            one.title,
            csv / all
        )
        .expect("a string takes everything");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_a_header_and_their_rows() {
        let file = csv_file(3);
        assert_eq!(file.lines().count(), 4);
        assert!(file.lines().all(|line| line.split(',').count() == HEADER.len()), "{file}");
        assert!(xlsx_file(3).is_ok_and(|book| book.starts_with(b"PK")));
    }
}
