use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::v1::{ComplaintFact, InTime};
use complaints_contract::{Channel, ComplaintId, State};
use interactions_contract::v1::InteractionFact;
use interactions_contract::{InteractionChannel, InteractionId, Means};
use registry_contract::v1::{ContactCreated, ContactFact, CustomerCreated, CustomerFact};
use registry_contract::{ContactId, CustomerId, CustomerKind, Lifecycle, Tier};
use scoring_contract::{Explanation, Score};
use serde_json::Value;
use testkit::{App, Client, TestDb, eventually};

pub async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&scoring::SERVICE, db).await;
    let client = app.client(&["scores:read", "scores:manage"]);
    (app, client)
}

pub fn customer(code: &str) -> CustomerFact {
    CustomerFact {
        customer_id: CustomerId::new(),
        sequence: 1,
        code: code.to_owned(),
        name: Some("Huawei".to_owned()),
        kind: CustomerKind::Enterprise,
        tier: Tier::B,
        lifecycle: Lifecycle::Repeat,
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

pub fn contact(customer: CustomerId) -> ContactFact {
    ContactFact { contact_id: ContactId::new(), customer_id: customer, sequence: 1 }
}

/// A good visit some days ago.
pub fn visit(customer: CustomerId, days_ago: i64, people: &[ContactId]) -> InteractionFact {
    InteractionFact {
        interaction_id: InteractionId::new(),
        customer_id: customer,
        sequence: 1,
        occurred_at: days_before_now(days_ago),
        channel: InteractionChannel::Visit,
        means: Means::TechnicalExchange,
        outcome: Some(3),
        contact_ids: people.to_vec(),
        staff: vec!["li.wei".to_owned()],
    }
}

pub fn complaint(customer: Option<CustomerId>) -> ComplaintFact {
    ComplaintFact {
        complaint_id: ComplaintId::new(),
        number: "CP-2026-000123".to_owned(),
        customer_id: customer,
        sequence: 1,
        state: State::Received,
        severity: 2,
        safety: false,
        channel: Channel::Phone,
        received_at: days_before_now(2),
        acknowledged_at: None,
        first_responded_at: None,
        resolved_at: None,
        closed_at: None,
        reopened_count: 0,
        contained_at: None,
        accepted_at: None,
        restricted: false,
        in_time: InTime::default(),
    }
}

pub fn days_before_now(days: i64) -> DateTime<Utc> {
    wire::truncate(Utc::now() - TimeDelta::days(days))
}

/// Tells the service of a customer with some contacts, as the registry would.
pub async fn introduce(app: &App, fact: &CustomerFact, contacts: usize) -> Vec<ContactId> {
    app.deliver(&CustomerCreated(fact.clone())).await;
    let mut people = vec![];
    for _ in 0..contacts {
        let contact = contact(fact.customer_id);
        people.push(contact.contact_id);
        app.deliver(&ContactCreated(contact)).await;
    }
    people
}

pub fn path(customer: CustomerId) -> String {
    format!("/api/v1/customers/{customer}/score")
}

/// What is known of the customer when every fact told of so far is in the score.
pub async fn explained(client: &Client, customer: CustomerId) -> Explanation {
    eventually(|| async {
        let answer = client.get(&format!("{}/explanation", path(customer))).await;
        if answer.status != 200 || answer.body["rescoring_due"] == true { Err(answer.to_string()) } else { Ok(answer) }
    })
    .await
    .read(200)
}

pub async fn settled(client: &Client, customer: CustomerId) -> Score {
    explained(client, customer).await.score
}

/// Without what differs from run to run.
pub fn redact(answer: Value) -> Value {
    testkit::redact(answer, |name, text| match name {
        "as_of" | "updated_at" | "latest" | "last_contact_at" | "last_complaint_at" => Some("[time]".to_owned()),
        "digest" => Some("[digest]".to_owned()),
        "detail" | "text" => Some(without_dates(text)),
        _ => None,
    })
}

fn without_dates(text: &str) -> String {
    let word =
        |word: &str| if word.parse::<chrono::NaiveDate>().is_ok() { "[date]".to_owned() } else { word.to_owned() };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
