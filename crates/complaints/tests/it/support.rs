use chrono::{DateTime, Utc};
use complaints_contract::Complaint;
use registry_contract::v1::{CustomerCreated, CustomerFact};
use registry_contract::{CustomerId, CustomerKind, Lifecycle, Tier};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb};
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
        roles: vec![],
        country: None,
        region_code: None,
        industry_code: None,
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

/// Without what differs from run to run.
/// What ends in `_by` is due by a time, or was done by somebody.
fn is_instant(text: &str) -> bool {
    text.parse::<DateTime<Utc>>().is_ok()
}

pub fn redact(answer: Value) -> Value {
    testkit::redact(answer, |name, text| match name {
        "number" => Some("[number]".to_owned()),
        "at" => Some("[time]".to_owned()),
        name if name.ends_with("_at") || (name.ends_with("_by") && is_instant(text)) => Some("[time]".to_owned()),
        _ => None,
    })
}
