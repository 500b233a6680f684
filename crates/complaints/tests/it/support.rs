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
    complaints_contract::v1::COMPLAINT_INVESTIGATION_STARTED,
    complaints_contract::v1::COMPLAINT_ACCEPTED,
    complaints_contract::v1::COMPLAINT_ESCALATED,
    complaints_contract::v1::COMPLAINT_WAIT_STARTED,
    complaints_contract::v1::COMPLAINT_RESUMED,
    complaints_contract::v1::COMPLAINT_FOLLOWED_UP,
    complaints_contract::v1::COMPLAINT_REJECTED,
    complaints_contract::v1::COMPLAINT_CONTAINED,
    complaints_contract::v1::COMPLAINT_INFORMED,
    complaints_contract::v1::COMPLAINT_CUSTOMER_WROTE,
];

/// What a head of complaint handling may do.
pub const LEAD: &[&str] =
    &["complaints:read", "complaints:write", "complaints:handle", "complaints:lead", "imports:write"];

pub async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&complaints::SERVICE, db).await;
    let client = app.client(LEAD);
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
        "reopen" | "withdrawal" | "escalations" => json!({"reason": "As the customer told us"}),
        "wait" | "updates" => json!({"note_to_customer": "We need the serial number of the card."}),
        "containment" => json!({"containment": "Traffic moved to the second line"}),
        "customer-messages" => json!({"message": "It is 21-0042."}),
        "follow-up" => json!({"outcome": "No trouble since"}),
        "rejection" => json!({"reason": "Not our line", "note_to_customer": "Please turn to your carrier."}),
        _ => json!({}),
    };
    client.post(&format!("{PATH}/{}/{how}", complaint.id), &body).await
}

/// Without what differs from run to run.
pub fn redact(answer: Value) -> Value {
    testkit::redact(answer, |name, _| match name {
        "number" => Some("[number]".to_owned()),
        "at" => Some("[time]".to_owned()),
        name if name.ends_with("_at") || name.ends_with("_by") => Some("[time]".to_owned()),
        _ => None,
    })
}
