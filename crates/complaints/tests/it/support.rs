use complaints_contract::Complaint;
use registry_contract::v1::{CustomerCreated, CustomerFact};
use registry_contract::{CustomerId, CustomerKind, Lifecycle, Tier};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb};
use uuid::Uuid;
use wire::ExternalId;

pub const PATH: &str = "/api/v1/complaints";

/// Every event of the service.
pub const EVENTS: &[&str] = &[
    complaints_contract::v1::COMPLAINT_OPENED,
    complaints_contract::v1::COMPLAINT_LINKED,
    complaints_contract::v1::COMPLAINT_ACKNOWLEDGED,
    complaints_contract::v1::COMPLAINT_ASSESSED,
    complaints_contract::v1::COMPLAINT_RESPONDED,
    complaints_contract::v1::COMPLAINT_RESOLVED,
    complaints_contract::v1::COMPLAINT_CLOSED,
    complaints_contract::v1::COMPLAINT_REOPENED,
    complaints_contract::v1::COMPLAINT_WITHDRAWN,
    complaints_contract::v1::COMPLAINT_AMENDED,
];

pub async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&complaints::SERVICE, db).await;
    let client = app.client(&["complaints:read", "complaints:write", "complaints:handle", "imports:write"]);
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

pub fn key(system: &str, id: &str) -> ExternalId {
    ExternalId { system: system.to_owned(), id: id.to_owned() }
}

/// Tells the service of a customer, as the registry would.
pub async fn introduce(app: &App, code: &str) -> CustomerId {
    let fact = customer(code);
    app.deliver(&CustomerCreated(fact.clone())).await;
    fact.customer_id
}

/// A body with every field that has to be there.
pub fn grievance() -> Value {
    json!({"channel": "phone", "subject": "Line down"})
}

/// `base` with the fields of `over` in place of its own.
pub fn with(mut base: Value, over: Value) -> Value {
    if let (Value::Object(base), Value::Object(over)) = (&mut base, over) {
        base.extend(over);
    }
    base
}

pub async fn open(client: &Client, body: &Value) -> Complaint {
    client.post(PATH, body).await.read(201)
}

/// Moves a complaint on; the bodies say no more than they have to.
pub async fn step(client: &Client, complaint: &Complaint, how: &str) -> testkit::Answer {
    let body = match how {
        "responses" => json!({"note_to_customer": "We have found the cause."}),
        "resolution" => json!({"resolution": "Card replaced"}),
        "reopen" | "withdrawal" => json!({"reason": "As the customer told us"}),
        _ => json!({}),
    };
    client.post(&format!("{PATH}/{}/{how}", complaint.id), &body).await
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
                    "number" => *field = json!("[number]"),
                    "instance" => *field = json!(redact_path(field.as_str().unwrap_or_default())),
                    name if (name.ends_with("_at") || name.ends_with("_by") || name == "at") && field.is_string() => {
                        *field = json!("[time]");
                    }
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

/// How many complaints there are.
pub async fn count(client: &Client) -> i64 {
    let page = client.get(&format!("{PATH}?count=exact&limit=1")).await.expect(200);
    page["count"].as_i64().expect("a count")
}
