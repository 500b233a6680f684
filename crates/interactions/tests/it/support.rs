use complaints_contract::v1::ExecutiveContactProposed;
use registry_contract::v1::{CustomerCreated, CustomerFact, CustomerMerged, CustomerUnmerged, MergeFact};
use registry_contract::{CustomerId, CustomerKind, Lifecycle, MergeId, Tier};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb};
use uuid::Uuid;

pub const PATH: &str = "/api/v1/interactions";
pub const AGENDA: &str = "/api/v1/agenda";

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
        roles: vec![],
        country: None,
        region_code: None,
        industry_code: None,
        language: None,
    }
}

/// Tells the service of a customer, as the registry would.
pub async fn introduce(app: &App, code: &str) -> CustomerId {
    let fact = customer(code);
    app.deliver(&CustomerCreated(fact.clone())).await;
    fact.customer_id
}

fn told(merged: CustomerId, survivor: CustomerId, sequence: i64) -> MergeFact {
    MergeFact { merge_id: MergeId::new(), merged_id: merged, survivor_id: survivor, sequence }
}

pub async fn merge(app: &App, merged: CustomerId, survivor: CustomerId, sequence: i64) {
    app.deliver(&CustomerMerged(told(merged, survivor, sequence))).await;
}

pub async fn unmerge(app: &App, merged: CustomerId, survivor: CustomerId, sequence: i64) {
    app.deliver(&CustomerUnmerged(told(merged, survivor, sequence))).await;
}

/// What is told of the first escalation of the complaint with this number.
pub fn proposed(number: u128, customer: CustomerId) -> ExecutiveContactProposed {
    ExecutiveContactProposed {
        escalation_id: Uuid::from_u128(0xe000 + number).into(),
        complaint_id: Uuid::from_u128(number).into(),
        number: format!("CP-2026-{number:06}"),
        customer_id: customer,
        tier: Some(Tier::S),
        severity: 1,
        proposed_at: "2026-03-04T01:30:00Z".parse().expect("an instant"),
        sequence: 1,
        restricted: false,
    }
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

/// Without what differs from run to run.
pub fn redact(answer: Value) -> Value {
    testkit::redact(answer, |name, _| matches!(name, "created_at" | "updated_at").then(|| "[time]".to_owned()))
}
