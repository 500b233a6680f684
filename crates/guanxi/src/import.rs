//! `guanxi import`: a client of the gateway like any other, streaming a file to it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use complaints_contract::{ComplaintImport, ImportOutcome, StartComplaintImport};
use futures::TryStreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use registry_contract::{Import, ImportMatch, ImportRow, ImportState, RowOutcome, StartImport};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, StatusCode};
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;
use wire::Page;

/// How many faulty rows are shown; the rest is to be had from the gateway.
const SHOWN: i64 = 10;

/// Where the gateway is, and as whom to call it.
#[derive(Debug, Clone, clap::Args)]
pub struct Target {
    /// Address of the gateway.
    #[arg(long, env = "GUANXI_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// An API key with the permission `imports:write`.
    #[arg(long, env = "GUANXI_API_KEY", hide_env_values = true)]
    pub api_key: String,
}

#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// Customers, one a row; columns are recognised by their names.
    Customers(Customers),
    /// Complaints, one a row. A file with a `Company` column makes customers of the companies first.
    Complaints(Complaints),
}

#[derive(Debug, clap::Args)]
pub struct Customers {
    /// A CSV file or an Excel workbook, or `-` for standard input.
    pub file: PathBuf,
    /// Read a column as a field; repeat for more. An empty field leaves the column aside.
    #[arg(long = "map", value_name = "COLUMN:FIELD")]
    pub map: Vec<String>,
    /// The system whose keys the column read as `external_id` holds.
    #[arg(long)]
    pub system: Option<String>,
    /// Charset of a CSV file, such as gbk; found out unless told.
    #[arg(long)]
    pub charset: Option<String>,
    /// An import profile, by its name or id.
    #[arg(long)]
    pub profile: Option<String>,
    /// By what rows are known to be customers that exist: external_id or code.
    #[arg(long = "match", value_name = "KEY")]
    pub match_by: Option<ImportMatch>,
    /// Only tell what would become of the rows.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub target: Target,
}

#[derive(Debug, clap::Args)]
pub struct Complaints {
    /// A CSV file.
    pub file: PathBuf,
    /// Read a column as a field; repeat for more. An empty field leaves the column aside.
    #[arg(long = "map", value_name = "COLUMN:FIELD")]
    pub map: Vec<String>,
    /// The system whose keys the file holds.
    #[arg(long)]
    pub system: Option<String>,
    #[command(flatten)]
    pub target: Target,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("cannot read {}: {source}", .file.display())]
    File { file: PathBuf, source: std::io::Error },
    #[error("cannot read the header of {}: {source}", .file.display())]
    Header { file: PathBuf, source: csv::Error },
    #[error("the API key holds characters that no key has")]
    Key,
    #[error("cannot reach {url}: {}", root(.cause))]
    Unreachable { url: String, cause: reqwest::Error },
    #[error("refused: {}", told(*.status, .problem))]
    Refused { status: StatusCode, problem: serde_json::Value },
    #[error("the file could not be read to its end: {0}")]
    Broken(String),
}

/// What became of a file that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    AllTaken,
    SomeFailed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::AllTaken => Self::SUCCESS,
            Outcome::SomeFailed => Self::from(2),
        }
    }
}

pub async fn run(what: What) -> Result<Outcome, ImportError> {
    match what {
        What::Customers(order) => import_customers(&order).await,
        What::Complaints(order) => import_complaints(&order).await,
    }
}

async fn import_customers(order: &Customers) -> Result<Outcome, ImportError> {
    let gateway = Gateway::new(&order.target)?;
    let how = StartImport {
        map: joined(&order.map),
        system: order.system.clone(),
        name: name_of(&order.file),
        charset: order.charset.clone(),
        profile: order.profile.clone(),
        match_by: order.match_by,
        dry_run: order.dry_run,
        ..StartImport::default()
    };
    gateway.send_customers(&order.file, &how).await
}

async fn import_complaints(order: &Complaints) -> Result<Outcome, ImportError> {
    let gateway = Gateway::new(&order.target)?;
    let header = header_of(&order.file)?;
    let companies = match companies_only(&header) {
        Some(map) => {
            let system = order.system.clone().unwrap_or_else(|| "cfpb".to_owned());
            let how = StartImport {
                map: Some(map),
                system: Some(system),
                name: name_of(&order.file),
                ..StartImport::default()
            };
            gateway.send_customers(&order.file, &how).await?
        }
        None => Outcome::AllTaken,
    };
    let how = StartComplaintImport { map: joined(&order.map), system: order.system.clone() };
    let complaints = gateway.send_complaints(&order.file, &how).await?;
    Ok(if companies == Outcome::AllTaken { complaints } else { companies })
}

/// Reads the column `Company` as a customer and leaves every other aside: they tell of the complaint.
fn companies_only(header: &[String]) -> Option<String> {
    const COMPANY: &str = "Company";
    header.iter().any(|column| column == COMPANY).then(|| {
        let others = header.iter().filter(|column| *column != COMPANY).map(|column| format!("{column}:"));
        let company = [format!("{COMPANY}:name"), format!("{COMPANY}:external_id")];
        company.into_iter().chain(others).collect::<Vec<_>>().join(",")
    })
}

fn joined(map: &[String]) -> Option<String> {
    (!map.is_empty()).then(|| map.join(","))
}

fn name_of(file: &Path) -> Option<String> {
    file.file_name().filter(|_| file != Path::new("-")).map(|name| name.to_string_lossy().into_owned())
}

fn header_of(file: &Path) -> Result<Vec<String>, ImportError> {
    let unreadable = |source| ImportError::Header { file: file.to_owned(), source };
    let mut reader = csv::Reader::from_path(file).map_err(unreadable)?;
    let header = reader.byte_headers().map_err(unreadable)?;
    Ok(header.iter().map(|column| String::from_utf8_lossy(column).trim_start_matches('\u{feff}').to_owned()).collect())
}

struct Gateway {
    url: String,
    http: reqwest::Client,
}

impl Gateway {
    fn new(target: &Target) -> Result<Self, ImportError> {
        let mut key = HeaderValue::from_str(&target.api_key).map_err(|_| ImportError::Key)?;
        key.set_sensitive(true);
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-api-key"), key)]);
        let url = target.url.trim_end_matches('/').to_owned();
        match reqwest::Client::builder().default_headers(headers).build() {
            Ok(http) => Ok(Self { url, http }),
            Err(cause) => Err(ImportError::Unreachable { url, cause }),
        }
    }

    async fn send_customers(&self, file: &Path, how: &StartImport) -> Result<Outcome, ImportError> {
        let import: Import = self.send("/api/v1/imports", how, file).await?;
        println!(
            "customers: {} rows, {} created, {} updated, {} unchanged, {} failed",
            import.rows, import.created, import.updated, import.unchanged, import.failed
        );
        if import.failed > 0 {
            let path = format!("/api/v1/imports/{}/rows?outcome={}&limit={SHOWN}", import.id, RowOutcome::Failed);
            let rows: Page<ImportRow> = self.get(&path).await?;
            for row in &rows.items {
                let faults = row.errors.iter().map(|fault| (fault.pointer.as_str(), fault.message.as_str()));
                print!("{}", faulty_row(row.row, faults));
            }
            println!("{}", all_faults(import.failed, &format!("{}/api/v1/imports/{}/errors.csv", self.url, import.id)));
        }
        match import.state {
            ImportState::Broken | ImportState::Failed => Err(ImportError::Broken(import.fault.unwrap_or_default())),
            _ if import.failed > 0 => Ok(Outcome::SomeFailed),
            _ => Ok(Outcome::AllTaken),
        }
    }

    async fn send_complaints(&self, file: &Path, how: &StartComplaintImport) -> Result<Outcome, ImportError> {
        let import: ComplaintImport = self.send("/api/v1/complaints/imports", how, file).await?;
        println!(
            "complaints: {} rows, {} created, {} updated, {} unchanged, {} refused",
            import.rows, import.created, import.updated, import.unchanged, import.refused
        );
        for channel in &import.by_channel {
            println!("  {:<12} {:>7}", channel.value, channel.count);
        }
        if import.refused > 0 {
            self.show_refused(&import).await?;
        }
        match import.state {
            complaints_contract::ImportState::Interrupted => {
                Err(ImportError::Broken(import.reason.unwrap_or_default()))
            }
            _ if import.refused > 0 => Ok(Outcome::SomeFailed),
            _ => Ok(Outcome::AllTaken),
        }
    }

    async fn show_refused(&self, import: &ComplaintImport) -> Result<(), ImportError> {
        let path =
            format!("/api/v1/complaints/imports/{}/rows?outcome={}&limit={SHOWN}", import.id, ImportOutcome::Refused);
        let rows: Page<complaints_contract::ImportRow> = self.get(&path).await?;
        for row in &rows.items {
            let faults = row.errors.iter().map(|fault| (fault.pointer.as_str(), fault.message.as_str()));
            print!("{}", faulty_row(row.row, faults));
        }
        println!(
            "{}",
            all_faults(import.refused, &format!("{}/api/v1/complaints/imports/{}/errors.csv", self.url, import.id))
        );
        Ok(())
    }

    async fn send<Q: serde::Serialize, A: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        how: &Q,
        file: &Path,
    ) -> Result<A, ImportError> {
        let (content, bar) = content_of(file).await?;
        let request = self.http.post(format!("{}{path}", self.url)).query(how).header("content-type", media_type(file));
        let answer = self.answer(request.body(content)).await;
        bar.finish_and_clear();
        answer
    }

    async fn get<A: serde::de::DeserializeOwned>(&self, path: &str) -> Result<A, ImportError> {
        self.answer(self.http.get(format!("{}{path}", self.url))).await
    }

    async fn answer<A: serde::de::DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<A, ImportError> {
        let unreachable = |cause| ImportError::Unreachable { url: self.url.clone(), cause };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return response.json().await.map_err(unreachable);
        }
        let body = response.bytes().await.map_err(unreachable)?;
        Err(ImportError::Refused { status, problem: serde_json::from_slice(&body).unwrap_or_default() })
    }
}

/// What the file is by its name; the registry looks into workbooks itself.
fn media_type(file: &Path) -> &'static str {
    let is_workbook = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"));
    if is_workbook { "application/octet-stream" } else { "text/csv" }
}

/// The file as a body that moves a progress bar along; the bar shows on terminals only.
async fn content_of(file: &Path) -> Result<(Body, ProgressBar), ImportError> {
    let unreadable = |source| ImportError::File { file: file.to_owned(), source };
    if file == Path::new("-") {
        let bar = ProgressBar::new_spinner().with_style(style("{spinner} {bytes} ({bytes_per_sec})"));
        let stdin = std::io::stdin().as_fd().try_clone_to_owned().map_err(unreadable)?;
        return Ok((watched(tokio::fs::File::from_std(stdin.into()), &bar), bar));
    }
    let opened = tokio::fs::File::open(file).await.map_err(unreadable)?;
    let length = opened.metadata().await.map_err(unreadable)?.len();
    let bar = ProgressBar::new(length).with_style(style("{bar:40} {bytes}/{total_bytes} ({eta})"));
    Ok((watched(opened, &bar), bar))
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn watched(reader: impl AsyncRead + Send + 'static, bar: &ProgressBar) -> Body {
    let bar = bar.clone();
    Body::wrap_stream(ReaderStream::new(reader).inspect_ok(move |chunk| bar.inc(chunk.len() as u64)))
}

fn faulty_row<'a>(row: i64, faults: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut by_field: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (pointer, message) in faults {
        by_field.entry(pointer).or_default().push(message);
    }
    let mut text = String::new();
    for (pointer, messages) in by_field {
        // Writing to a string cannot fail.
        writeln!(text, "  row {row}: {}: {}", pointer.trim_start_matches('/'), messages.join("; ")).unwrap_or_default();
    }
    text
}

fn all_faults(count: i64, address: &str) -> String {
    if count > SHOWN { format!("  and {} more: {address}", count - SHOWN) } else { format!("  as CSV: {address}") }
}

/// A problem document in a line, with every wrong field on one of its own.
fn told(status: StatusCode, problem: &serde_json::Value) -> String {
    let text = |field: &str| problem[field].as_str();
    let mut told = text("detail").or(text("title")).map_or_else(|| status.to_string(), str::to_owned);
    for fault in problem["errors"].as_array().into_iter().flatten() {
        let (pointer, message) =
            (fault["pointer"].as_str().unwrap_or_default(), fault["message"].as_str().unwrap_or_default());
        write!(told, "\n  {pointer}: {message}").unwrap_or_default();
    }
    told
}

/// The innermost cause says what went wrong; the ones around it repeat the address.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn companies_are_read_from_their_column_alone() {
        let header: Vec<String> = ["Product", "Company", "State"].map(str::to_owned).into();
        assert_eq!(companies_only(&header).as_deref(), Some("Company:name,Company:external_id,Product:,State:"));
        assert_eq!(companies_only(&["Ticket".to_owned()]), None);
    }

    #[test]
    fn a_refusal_names_every_wrong_field() {
        let problem = json!({"title": "Invalid", "errors": [{"pointer": "?map", "code": "unknown", "message": "no such column"}]});
        assert_eq!(told(StatusCode::UNPROCESSABLE_ENTITY, &problem), "Invalid\n  ?map: no such column");
        assert_eq!(told(StatusCode::BAD_GATEWAY, &serde_json::Value::Null), "502 Bad Gateway");
    }

    #[test]
    fn faults_of_a_row_are_told_by_field() {
        let faults = [("/tier", "none of S, A, B, C"), ("/name", "missing")];
        assert_eq!(faulty_row(7, faults.into_iter()), "  row 7: name: missing\n  row 7: tier: none of S, A, B, C\n");
    }
}
