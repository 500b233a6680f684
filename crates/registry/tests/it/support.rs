use registry_contract::{Contact, Customer, Import};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, TestDb};
use uuid::Uuid;

pub const CUSTOMERS: &str = "/api/v1/customers";
pub const CONTACTS: &str = "/api/v1/contacts";
pub const IMPORTS: &str = "/api/v1/imports";

const PERMISSIONS: &[&str] = &["customers:read", "customers:write", "contacts:read", "contacts:write", "imports:write"];

pub async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&registry::SERVICE, db).await;
    let client = app.client(PERMISSIONS);
    (app, client)
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

/// How many customers there are.
pub async fn count(client: &Client) -> i64 {
    let page = client.get(&format!("{CUSTOMERS}?count=exact&limit=1")).await.expect(200);
    page["count"].as_i64().expect("a count")
}

/// Pointer and code of each fault of a problem document.
pub fn faults(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|e| (e["pointer"].as_str().unwrap_or("?"), e["code"].as_str().unwrap_or("?"))).collect()
}

/// All items of a list, page by page, and how many pages that took.
pub async fn all_pages(client: &Client, path: &str) -> (Vec<Value>, usize) {
    let (mut items, mut pages) = (Vec::new(), 0);
    let mut cursor: Option<String> = None;
    loop {
        let path = cursor.map_or(path.to_owned(), |cursor| format!("{path}&cursor={cursor}"));
        let page = client.get(&path).await.expect(200);
        items.extend(page["items"].as_array().expect("items").clone());
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return (items, pages),
        }
    }
}

/// What differs from run to run, in brackets.
pub fn redact(mut value: Value) -> Value {
    redact_in(&mut value);
    value
}

fn redact_in(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(redact_in),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "trace_id" => *field = json!("[trace]"),
                    "created_at" | "updated_at" => *field = json!("[time]"),
                    _ => redact_in(field),
                }
            }
        }
        Value::String(text) => *text = without_ids(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn without_ids(text: &str) -> String {
    let words = text.split_inclusive(['/', ' ', '?', ',']);
    words
        .map(|word| {
            let bare = word.trim_end_matches(['/', ' ', '?', ',']);
            if bare.parse::<Uuid>().is_ok() { word.replace(bare, "[id]") } else { word.to_owned() }
        })
        .collect()
}
