use registry_contract::{Contact, Customer, Import};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, TestDb};

pub const CUSTOMERS: &str = "/api/v1/customers";
pub const CONTACTS: &str = "/api/v1/contacts";
pub const IMPORTS: &str = "/api/v1/imports";

const PERMISSIONS: &[&str] =
    &["customers:read", "customers:write", "contacts:read", "contacts:write", "imports:write", "custom-fields:manage"];

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
    testkit::redact(answer, |name, _| matches!(name, "created_at" | "updated_at").then(|| "[time]".to_owned()))
}
