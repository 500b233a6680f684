use registry_contract::v1::{CustomerCreated, CustomerFact};
use registry_contract::{CustomerId, CustomerKind, Lifecycle, Tier};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb};
use uuid::Uuid;

pub const PATH: &str = "/api/v1/interactions";

pub async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&interactions::SERVICE, db).await;
    let client = app.client(&["interactions:read", "interactions:write"]);
    (app, client)
}

pub fn customer(code: &str) -> CustomerFact {
    CustomerFact {
        customer_id: CustomerId::new(),
        sequence: 1,
        code: code.to_owned(),
        name: Some("Huawei".to_owned()),
        kind: CustomerKind::Enterprise,
        tier: Tier::S,
        lifecycle: Lifecycle::Prospect,
        owner: Some("li.wei".to_owned()),
        parent_id: None,
        external_ids: vec![],
    }
}

/// Tells the service of a customer, as the registry would.
pub async fn introduce(app: &App, code: &str) -> CustomerId {
    let fact = customer(code);
    app.deliver(&CustomerCreated(fact.clone())).await;
    fact.customer_id
}

/// A body with every field that has to be there.
pub fn visit(customer: &str) -> Value {
    json!({
        "customer_id": customer,
        "occurred_at": "2026-03-04T01:30:00Z",
        "channel": "visit",
        "means": "technical_exchange",
        "subject": "Roadmap",
    })
}

/// `base` with the fields of `over` in place of its own.
pub fn with(mut base: Value, over: Value) -> Value {
    if let (Value::Object(base), Value::Object(over)) = (&mut base, over) {
        base.extend(over);
    }
    base
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
                    "instance" => *field = json!(redact_path(field.as_str().unwrap_or_default())),
                    _ => redact_in(field),
                }
            }
        }
        Value::String(text) if text.parse::<Uuid>().is_ok() => *text = "[id]".to_owned(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn redact_path(path: &str) -> String {
    let segments = path.split('/').map(|part| if part.parse::<Uuid>().is_ok() { "[id]" } else { part });
    segments.collect::<Vec<_>>().join("/")
}

/// How many interactions there are.
pub async fn count(client: &Client) -> i64 {
    let page = client.get(&format!("{PATH}?count=exact&limit=1")).await.expect(200);
    page["count"].as_i64().expect("a count")
}
