use chassis::Service;
use chrono::{DateTime, Utc};
use complaints_contract::{Complaint, ComplaintClocks};
use database::on;
use diesel_async::RunQueryDsl;
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

/// The service without its loops: clocks are rebuilt and escalated when the test says so.
pub static QUIET: Service = Service {
    name: complaints::SERVICE.name,
    about: complaints::SERVICE.about,
    migrations: complaints::SERVICE.migrations,
    openapi: complaints::SERVICE.openapi,
    routes: complaints::SERVICE.routes,
    subscriptions: complaints::SERVICE.subscriptions,
    republish: complaints::SERVICE.republish,
    prepare: complaints::SERVICE.prepare,
    background: &[],
    authenticate: complaints::SERVICE.authenticate,
    keys: complaints::SERVICE.keys,
    configure: complaints::SERVICE.configure,
};

pub async fn start_quiet(db: TestDb) -> (App, Client) {
    let app = App::start(&QUIET, db).await;
    while complaints::rebuild_clocks(&app.db, Utc::now()).await.expect("a rebuild") > 0 {}
    let client = app.client(&[LEAD, &["service-levels:manage"]].concat());
    (app, client)
}

/// What is kept of all clocks, a line for each.
pub async fn due_times(app: &App) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    const POSTGRES: &str = "SELECT CAST(t AS text) AS line FROM due_times t ORDER BY 1";
    const SQLITE: &str = "SELECT concat_ws(',', hex(complaint_id), clock, run, policy, target_seconds, started_at, \
         coalesce(due_at, '-'), coalesce(stopped_at, '-'), coalesce(elapsed_seconds, '-'), coalesce(kept, '-'), is_moot, \
         coalesce(escalate_at, '-'), coalesce(percent, '-'), is_next) AS line FROM due_times ORDER BY 1";
    let mut conn = app.db.read().await.expect("a connection");
    let lines: Vec<Line> = on!(
        conn,
        pg: |c| diesel::sql_query(POSTGRES).load(c).await,
        lite: |c| diesel::sql_query(SQLITE).load(c).await,
    )
    .expect("the due times");
    lines.into_iter().map(|line| line.line).collect()
}

/// Throws away what is kept of all clocks, and reckons it from nothing.
pub async fn forget_and_rebuild(app: &App, now: DateTime<Utc>) {
    let mut tx = app.db.begin().await.expect("a transaction");
    for sql in
        ["DELETE FROM due_times", "UPDATE clock_rebuilds SET everything = true, after_id = NULL, is_done = false"]
    {
        on!(tx, |c| diesel::sql_query(sql).execute(c).await).expect("done");
    }
    tx.commit().await.expect("a commit");
    while complaints::rebuild_clocks(&app.db, now).await.expect("a rebuild") > 0 {}
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
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

/// By what its clocks are read: tier (`-` while nobody knows the customer) and severity.
pub async fn served_as(client: &Client, complaint: &Complaint) -> String {
    let clocks: ComplaintClocks = client.get(&format!("{PATH}/{}/clocks", complaint.id)).await.read(200);
    let tier = clocks.tier.map_or_else(|| "-".to_owned(), |tier| tier.to_string());
    format!("{tier}/{}", clocks.severity)
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

/// What ends in `_by` is due by a time, or was done by somebody.
fn is_instant(text: &str) -> bool {
    text.parse::<DateTime<Utc>>().is_ok()
}

/// Without what differs from run to run.
pub fn redact(answer: Value) -> Value {
    testkit::redact(answer, |name, text| match name {
        "number" => Some("[number]".to_owned()),
        "at" | "next_due" => Some("[time]".to_owned()),
        name if name.ends_with("_at") || (name.ends_with("_by") && is_instant(text)) => Some("[time]".to_owned()),
        _ => None,
    })
}
