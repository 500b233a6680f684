use chassis::Caller;
use database::Tx;
use registry_contract::{Contact, Customer, Holding, Import, Position};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, TestDb, eventually};

pub const CUSTOMERS: &str = "/api/v1/customers";
pub const CONTACTS: &str = "/api/v1/contacts";
pub const IMPORTS: &str = "/api/v1/imports";

const PERMISSIONS: &[&str] = &[
    "customers:read",
    "customers:write",
    "contacts:read",
    "contacts:write",
    "decision-chains:read",
    "decision-chains:write",
    "imports:write",
    "custom-fields:manage",
    "tiers:propose",
    "tiers:decide",
    "tier-policies:manage",
    "employees:manage",
];

/// Permissions beyond those, for what people decide.
const DECIDES: &[&str] = &["profiles:review", "customer-policies:manage"];

pub async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&registry::SERVICE, db).await;
    let client = user(&app, 1);
    (app, client)
}

/// One of several people who may do everything.
pub fn user(app: &App, number: u8) -> Client {
    app.client_as(Caller {
        id: format!("user:0198a000-0000-7000-8000-00000000000{number}"),
        name: format!("tester{number}"),
        roles: vec![],
        permissions: PERMISSIONS.iter().chain(DECIDES).map(|&permission| permission.to_owned()).collect(),
    })
}

/// Someone else with these permissions, always the same for the same name.
pub fn caller(name: &str, permissions: &[&str]) -> Caller {
    Caller {
        id: format!("user:{name}"),
        name: name.to_owned(),
        roles: vec![],
        permissions: permissions.iter().map(|&permission| permission.to_owned()).collect(),
    }
}

/// Someone else who may do the same.
pub fn colleague(app: &App, name: &str) -> Client {
    app.client_as(caller(name, PERMISSIONS))
}

pub async fn create(client: &Client, customer: Value) -> Customer {
    client.post(CUSTOMERS, &customer).await.read(201)
}

pub async fn named(client: &Client, name: &str) -> Customer {
    create(client, json!({ "name": name })).await
}

pub async fn person(client: &Client, customer: &Customer, name: &str) -> Contact {
    client.post(CONTACTS, &json!({ "customer_id": customer.id, "name": name })).await.read(201)
}

pub async fn seat(client: &Client, customer: &Customer, position: Value) -> Position {
    client.post(&format!("{}/positions", at(customer)), &position).await.read(201)
}

pub async fn hold(client: &Client, contact: &Contact, seat: &Position, from: &str, until: Option<&str>) -> Holding {
    let mut holding = json!({ "position_id": seat.id, "from": from });
    if let Some(until) = until {
        holding["until"] = json!(until);
    }
    client.post(&format!("{CONTACTS}/{}/holdings", contact.id), &holding).await.read(201)
}

pub fn at(customer: &Customer) -> String {
    format!("{CUSTOMERS}/{}", customer.id)
}

/// Sends a file; `query` goes behind `kind=customers`.
pub async fn send_file(client: &Client, query: &str, file: impl Into<reqwest::Body>) -> Answer {
    let path = format!("{IMPORTS}?kind=customers{query}");
    let request = client.request(Method::POST, &path).header(CONTENT_TYPE, "text/csv; charset=utf-8").body(file);
    client.send(request).await
}

pub async fn import(client: &Client, query: &str, file: impl Into<reqwest::Body>) -> Import {
    send_file(client, query, file).await.read(201)
}

#[derive(diesel::QueryableByName)]
struct Waiting {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// Waits until nothing is left in a table of work to do in the background.
pub async fn emptied(app: &App, queue: &str) {
    // Of those that came many at once, nobody is in it yet.
    let sql = format!("SELECT (SELECT count(*) FROM arrivals) + (SELECT count(*) FROM {queue}) AS count");
    eventually(|| async {
        let mut conn = app.db.read().await.expect("a connection");
        let query = diesel::sql_query(&sql);
        let waiting: Waiting =
            database::on!(conn, |c| diesel_async::RunQueryDsl::get_result(query, c).await).expect("a count");
        if waiting.count == 0 { Ok(()) } else { Err(waiting.count) }
    })
    .await;
}

/// Runs a statement, and says how many rows it was about.
pub async fn run(tx: &mut Tx, sql: &str) -> usize {
    database::on!(tx, |c| diesel_async::RunQueryDsl::execute(diesel::sql_query(sql), c).await).expect("done")
}

/// Waits until a transaction on PostgreSQL waits for another.
pub async fn waiting(app: &App, how: &str) {
    let sql = format!("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND {how}");
    eventually(|| async {
        let mut conn = app.db.read().await.expect("a connection");
        let query = diesel::sql_query(&sql);
        let waiting = database::on!(conn, |c| diesel_async::RunQueryDsl::execute(query, c).await).expect("who waits");
        if waiting > 0 { Ok(()) } else { Err("nobody waits yet") }
    })
    .await;
}

/// The import as it is now.
pub async fn read_import(client: &Client, import: &Import) -> Import {
    client.get(&format!("{IMPORTS}/{}", import.id)).await.read(200)
}

/// Waits until the import is as it should be.
pub async fn until(client: &Client, import: &Import, what: impl Fn(&Import) -> bool) -> Import {
    eventually(|| async {
        let import = read_import(client, import).await;
        if what(&import) { Ok(import) } else { Err(import) }
    })
    .await
}

/// Sends a file of any type.
pub async fn send_bytes(client: &Client, query: &str, media_type: &str, file: Vec<u8>) -> Answer {
    let path = format!("{IMPORTS}?kind=customers{query}");
    client.send(client.request(Method::POST, &path).header(CONTENT_TYPE, media_type).body(file)).await
}

/// The rows as the first sheet of an Excel workbook, all cells text.
pub fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

pub fn counts(import: &Import) -> [i64; 6] {
    [import.rows, import.created, import.updated, import.unchanged, import.failed, import.warnings]
}

/// Pointer and code of each fault of a problem document.
pub fn faults(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|e| (e["pointer"].as_str().unwrap_or("?"), e["code"].as_str().unwrap_or("?"))).collect()
}

/// All items of a list, page by page, and how many pages that took.
pub async fn all_pages(client: &Client, path: &str) -> (Vec<Value>, usize) {
    let pages = client.pages(path).await;
    let items = pages.iter().flat_map(|page| page["items"].as_array().expect("items").clone()).collect();
    (items, pages.len())
}

/// Without what differs from run to run.
pub fn redact(answer: Value) -> Value {
    testkit::redact(answer, |name, text| {
        let time = name.ends_with("_at") || matches!(name, "at" | "from" | "until");
        match name {
            "recorded_by" => Some("[actor]".to_owned()),
            _ => (time && text.contains('T')).then(|| "[time]".to_owned()),
        }
    })
}
