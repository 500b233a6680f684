//! Implicit complaints: what is told of customers, what is found in it, and what people say of that.

mod detectors;
mod merges;
mod watching;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use complaints_contract::v1::{SIGNAL_CHANGED, SignalChanged};
use complaints_contract::{Complaint, Signal, SignalState, Verdict};
use database::on;
use diesel_async::RunQueryDsl;
use interactions_contract::v1::{InteractionFact, MeetingFact};
use interactions_contract::{InteractionChannel, InteractionId, Means, MeetingId, MeetingState};
use registry_contract::v1::{CustomerCreated, CustomerFact, CustomerUpdated, CustomerWithdrawn};
use registry_contract::{ContactId, CustomerId};
use sales_contract::InvoiceId;
use sales_contract::v1::{InvoiceChanged, InvoiceFact};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb, both, eventually};
use wire::{Currency, Money};

use crate::support::{LEAD, PATH, QUIET, customer, introduce, redact, start};

const SIGNALS: &str = "/api/v1/signals";

/// Tomorrow noon: what is told now is due by then, and whatever day it is, facts are as old as they say.
pub fn noon() -> DateTime<Utc> {
    let tomorrow = Utc::now().date_naive() + Duration::days(1);
    tomorrow.and_hms_opt(12, 0, 0).expect("noon").and_utc()
}

pub fn day(days_ago: i64) -> NaiveDate {
    (noon() - Duration::days(days_ago)).date_naive()
}

pub fn ago(days: i64) -> DateTime<Utc> {
    noon() - Duration::days(days)
}

/// Without its loops: the test says when customers are looked at.
pub async fn start_still(db: TestDb) -> (App, Client) {
    let app = App::start(&QUIET, db).await;
    let client = app.client(&[LEAD, &["complaints:manage"]].concat());
    (app, client)
}

pub fn invoice(customer_id: CustomerId, due_days_ago: i64) -> InvoiceFact {
    InvoiceFact {
        invoice_id: InvoiceId::new(),
        customer_id,
        sequence: 1,
        due_on: day(due_days_ago),
        amount: Money { minor: 100_000, currency: Currency::CNY },
        paid_on: None,
        cancelled: false,
    }
}

pub fn meeting(customer_id: CustomerId, days_ago: i64, state: MeetingState, attended: i32) -> MeetingFact {
    let meeting_id = MeetingId::new();
    MeetingFact { meeting_id, customer_id, sequence: 1, planned_at: ago(days_ago), state, invited: 10, attended }
}

pub fn met(customer_id: CustomerId, days_ago: i64, contact_ids: Vec<ContactId>) -> InteractionFact {
    InteractionFact {
        interaction_id: InteractionId::new(),
        customer_id,
        sequence: 1,
        occurred_at: ago(days_ago),
        channel: InteractionChannel::Visit,
        means: Means::RoutineVisit,
        outcome: Some(2),
        contact_ids,
        staff: vec!["li.wei".to_owned()],
    }
}

/// Looks at everyone who is due so many days after [`noon`], and says at how many.
pub async fn look(app: &App, days_later: i64) -> usize {
    let mut looked = 0;
    loop {
        let at = noon() + Duration::days(days_later);
        match complaints::look_for_signals(&app.db, at, 5).await.expect("looked") {
            0 => return looked,
            some => looked += some,
        }
    }
}

pub async fn signals(client: &Client, customer: CustomerId) -> Vec<Signal> {
    listed(client, &format!("customer_id={customer}&sort=found_at")).await
}

pub async fn listed(client: &Client, query: &str) -> Vec<Signal> {
    let items = client.get(&format!("{SIGNALS}?{query}")).await.expect(200)["items"].clone();
    serde_json::from_value(items).expect("signals")
}

pub async fn judge(client: &Client, signal: &Signal, verdict: Verdict) -> Signal {
    let body = json!({"verdict": verdict, "note": "Asked the purchasing department"});
    client.post(&format!("{SIGNALS}/{}/verdict", signal.id), &body).await.read(200)
}

/// A customer that has not paid for 40 days, and what is found of it.
pub async fn overdue(app: &App, client: &Client, code: &str) -> Signal {
    let customer = introduce(app, code).await;
    app.deliver(&InvoiceChanged(invoice(customer, 41))).await;
    look(app, 0).await;
    signals(client, customer).await.remove(0)
}

/// A line for each row of what is observed.
pub async fn observed(app: &App) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    const POSTGRES: &str = "SELECT CAST(o AS text) AS line FROM observed_facts o ORDER BY 1";
    const SQLITE: &str = "SELECT concat_ws(',', kind, hex(id), hex(customer_id), sequence, coalesce(lasts_until, '-'), json(data)) \
         AS line FROM observed_facts ORDER BY 1";
    let mut conn = app.db.read().await.expect("a connection");
    let lines: Vec<Line> = on!(
        conn,
        pg: |c| diesel::sql_query(POSTGRES).load(c).await,
        lite: |c| diesel::sql_query(SQLITE).load(c).await,
    )
    .expect("what is observed");
    lines.into_iter().map(|line| line.line).collect()
}

both! {
    async fn unpaid_invoices_speak_and_the_owner_is_told(db: TestDb) {
        let (app, client) = start_still(db).await;
        let tap = app.bus.tap(&[SIGNAL_CHANGED]).await;
        let signal = overdue(&app, &client, "C-000001").await;
        let answer = client.get(&format!("{SIGNALS}/{}", signal.id)).await;
        assert_eq!(answer.etag(), "\"1\"");
        insta::assert_json_snapshot!(redact(answer.expect(200)), @r#"
        {
          "complaint_id": null,
          "confidence": 37,
          "contact_id": null,
          "customer_id": "[id]",
          "detector": "overdue_payments",
          "eased_at": null,
          "evidence": [
            {
              "at": "[time]",
              "kind": "invoice",
              "reference": "[id]"
            }
          ],
          "found_at": "[time]",
          "id": "[id]",
          "judged_at": null,
          "judged_by": null,
          "measured": 40,
          "note": null,
          "owner": "li.wei",
          "rule_version": 1,
          "state": "open",
          "threshold": 30,
          "updated_at": "[time]",
          "verdict": null,
          "version": 1
        }
        "#);
        app.drain_outbox().await;
        let told = tap.envelopes().await;
        assert_eq!(told.len(), 1);
        insta::assert_json_snapshot!(redact(told[0].data.clone()), @r#"
        {
          "complaint_id": null,
          "confidence": 37,
          "customer_id": "[id]",
          "detector": "overdue_payments",
          "found_at": "[time]",
          "owner": "li.wei",
          "sequence": 1,
          "signal_id": "[id]",
          "state": "open",
          "verdict": null
        }
        "#);
        let missing = client.get(&format!("{SIGNALS}/{}", uuid::Uuid::now_v7())).await;
        assert_eq!(missing.problem(), (404, "signal-not-found"));
    }

    async fn one_is_open_at_a_time_and_follows_the_facts(db: TestDb) {
        let (app, client) = start_still(db).await;
        let tap = app.bus.tap(&[SIGNAL_CHANGED]).await;
        let first = overdue(&app, &client, "C-000001").await;
        let customer = first.customer_id;
        let second = invoice(customer, 21);
        app.deliver(&InvoiceChanged(second.clone())).await;
        look(&app, 0).await;
        let renewed = signals(&client, customer).await;
        assert_eq!(renewed.len(), 1);
        assert_eq!((renewed[0].id, renewed[0].measured, renewed[0].version), (first.id, 60, 2));
        assert!(renewed[0].confidence > first.confidence);
        assert_eq!(renewed[0].evidence.len(), 2);

        // Settled, it is still to be judged; the facts do not bear it out any more.
        let paid = InvoiceFact { sequence: 2, paid_on: Some(second.due_on), ..second };
        app.deliver(&InvoiceChanged(paid)).await;
        let invoice_id = first.evidence[0].reference.into();
        let cancelled = InvoiceFact { invoice_id, sequence: 2, cancelled: true, ..invoice(customer, 41) };
        app.deliver(&InvoiceChanged(cancelled)).await;
        look(&app, 0).await;
        let eased = signals(&client, customer).await.remove(0);
        assert_eq!((eased.state, eased.eased_at.is_some(), eased.version), (SignalState::Open, true, 3));
        // Who follows the facts of one that he knows of learns nothing new from an event.
        app.drain_outbox().await;
        assert_eq!(tap.events::<SignalChanged>().await.len(), 1);
    }

    async fn a_new_owner_is_told_and_a_withdrawn_customer_says_nothing(db: TestDb) {
        let (app, client) = start_still(db).await;
        let tap = app.bus.tap(&[SIGNAL_CHANGED]).await;
        let fact = customer("C-000001");
        app.deliver(&CustomerCreated(CustomerFact { owner: None, ..fact.clone() })).await;
        app.deliver(&InvoiceChanged(invoice(fact.customer_id, 41))).await;
        look(&app, 0).await;
        assert_eq!(signals(&client, fact.customer_id).await[0].owner, None);
        let owner = Some("wang.fang".to_owned());
        app.deliver(&CustomerUpdated(CustomerFact { sequence: 2, owner: owner.clone(), ..fact.clone() })).await;
        look(&app, 0).await;
        assert_eq!(signals(&client, fact.customer_id).await[0].owner, owner);
        app.drain_outbox().await;
        let owners: Vec<_> = tap.events::<SignalChanged>().await.into_iter().map(|event| event.0.owner).collect();
        assert_eq!(owners, [None, owner.clone()]);

        app.deliver(&CustomerWithdrawn(CustomerFact { sequence: 3, owner, ..fact.clone() })).await;
        look(&app, 0).await;
        assert!(signals(&client, fact.customer_id).await[0].eased_at.is_some());
    }

    async fn what_was_judged_stays_quiet_until_there_is_news(db: TestDb) {
        let (app, client) = start_still(db).await;
        let signal = overdue(&app, &client, "C-000001").await;
        let judged = judge(&client, &signal, Verdict::False).await;
        assert_eq!((judged.state, judged.judged_by.is_some()), (SignalState::Judged, true));
        let customer = signal.customer_id;
        look(&app, 30).await;
        // One that was paid in time is no news to this detector; the next one overdue is.
        app.deliver(&InvoiceChanged(InvoiceFact { paid_on: Some(day(40)), ..invoice(customer, 40) })).await;
        look(&app, 30).await;
        assert_eq!(signals(&client, customer).await, [judged]);
        app.deliver(&InvoiceChanged(invoice(customer, 3))).await;
        look(&app, 30).await;
        let found = signals(&client, customer).await;
        let states: Vec<_> = found.iter().map(|signal| (signal.state, signal.measured)).collect();
        assert_eq!(states, [(SignalState::Judged, 40), (SignalState::Open, 70 + 32)]);
    }

    async fn a_true_one_becomes_one_complaint_whoever_asks_and_how_often(db: TestDb) {
        let (app, client) = start_still(db).await;
        let signal = overdue(&app, &client, "C-000001").await;
        let path = format!("{SIGNALS}/{}/complaint", signal.id);
        let body = json!({"subject": "Invoices unpaid since the outage", "severity": 2, "handler": "wang.fang"});
        assert_eq!(client.post(&path, &body).await.problem(), (409, "signal-not-true"));
        for verdict in [Verdict::False, Verdict::Unclear] {
            judge(&client, &signal, verdict).await;
            assert_eq!(client.post(&path, &body).await.problem(), (409, "signal-not-true"));
        }
        judge(&client, &signal, Verdict::True).await;
        let wrong = client.post(&path, &json!({"subject": " ", "severity": 2, "handler": " "})).await;
        let pointers: Vec<_> = wrong.expect(422)["errors"].as_array().expect("faults").iter().map(|fault| fault["pointer"].clone()).collect();
        assert_eq!(pointers, ["/subject", "/handler"]);

        let asked = futures::future::join_all((0..6).map(|_| client.post(&path, &body))).await;
        let made = asked.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 1, "made once");
        let ids: std::collections::HashSet<_> = asked.into_iter().map(|answer| {
            let status = answer.status;
            answer.read::<Complaint>(status).id
        }).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(client.count(PATH).await, 1);

        let signal: Signal = client.get(&format!("{SIGNALS}/{}", signal.id)).await.read(200);
        let id = signal.complaint_id.expect("a complaint");
        assert_eq!(signal.state, SignalState::Registered);
        assert_eq!(listed(&client, &format!("complaint_id={id}")).await, std::slice::from_ref(&signal));
        insta::assert_json_snapshot!(redact(client.get(&format!("{PATH}/{id}")).await.expect(200)), @r#"
        {
          "about_staff": null,
          "accepted_at": null,
          "acknowledged_at": null,
          "channel": "internal",
          "closed_at": null,
          "complainant": null,
          "complainant_erased_at": null,
          "confidential": [],
          "contact_id": null,
          "contained_at": null,
          "created_at": "[time]",
          "customer_external": null,
          "customer_id": "[id]",
          "customer_known": true,
          "description": null,
          "due": {
            "acknowledge_by": "[time]",
            "policy": 1,
            "resolve_by": "[time]",
            "respond_by": "[time]"
          },
          "external_id": null,
          "first_responded_at": null,
          "follow_up_due_at": null,
          "handler": "wang.fang",
          "id": "[id]",
          "issue": null,
          "language": "zh-CN",
          "next_clock": "acknowledge",
          "next_due": "[time]",
          "number": "[number]",
          "order_number": null,
          "product": null,
          "received_at": "[time]",
          "remedy_sought": null,
          "reopened_count": 0,
          "reported_by": null,
          "resolution": null,
          "resolved_at": null,
          "safety": false,
          "severity": 2,
          "state": "received",
          "subject": "Invoices unpaid since the outage",
          "timely": null,
          "told_at": null,
          "updated_at": "[time]",
          "version": 1,
          "waiting_since": null
        }
        "#);
        // He has not complained, so nobody thanks him for it.
        let messages = client.get(&format!("{PATH}/{id}/messages")).await.expect(200);
        assert_eq!(messages["items"], json!([]));
        let settled = client.post(&format!("{SIGNALS}/{}/verdict", signal.id), &json!({"verdict": "unclear"})).await;
        assert_eq!(settled.problem(), (409, "signal-settled"));
    }

    async fn a_repeated_request_with_its_key_gets_the_same_complaint(db: TestDb) {
        let (app, client) = start_still(db).await;
        let signal = overdue(&app, &client, "C-000001").await;
        judge(&client, &signal, Verdict::True).await;
        let ask = async || {
            let path = format!("{SIGNALS}/{}/complaint", signal.id);
            let request = client.request(reqwest::Method::POST, &path).header("Idempotency-Key", "\"once\"");
            client.send(request.json(&json!({"subject": "Not content"}))).await.read::<Complaint>(201)
        };
        assert_eq!(ask().await, ask().await);
    }

    async fn lists_are_filtered_and_read_page_by_page(db: TestDb) {
        let (app, client) = start_still(db).await;
        let mut found = vec![];
        for number in 1..=5 {
            found.push(overdue(&app, &client, &format!("C-00000{number}")).await);
        }
        judge(&client, &found[0], Verdict::False).await;
        judge(&client, &found[1], Verdict::True).await;
        let ids = async |query: &str| {
            let mut ids: Vec<_> = listed(&client, query).await.into_iter().map(|signal| signal.id).collect();
            ids.sort_unstable();
            ids
        };
        let of = |places: &[usize]| {
            let mut ids: Vec<_> = places.iter().map(|place| found[*place].id).collect();
            ids.sort_unstable();
            ids
        };
        for (query, expected) in [
            ("state=open", of(&[2, 3, 4])),
            ("state=open,judged", of(&[0, 1, 2, 3, 4])),
            ("verdict=false", of(&[0])),
            ("verdict=true,unclear", of(&[1])),
            ("detector=survey_silence", of(&[])),
            ("detector=overdue_payments&state=judged", of(&[0, 1])),
            ("owner=li.wei", of(&[0, 1, 2, 3, 4])),
            ("owner=nobody", of(&[])),
            ("customer_id=C-000003,C-000004", of(&[2, 3])),
        ] {
            assert_eq!(ids(query).await, expected, "{query}");
        }
        for sort in ["found_at", "-found_at", "confidence", "-confidence,found_at"] {
            let pages = client.pages(&format!("{SIGNALS}?limit=2&sort={sort}")).await;
            let seen: Vec<_> = pages.iter().flat_map(|page| page["items"].as_array().expect("items")).collect();
            assert_eq!((pages.len(), seen.len()), (3, 5), "{sort}");
        }
        assert_eq!(client.get(&format!("{SIGNALS}?state=gone")).await.status, 400);
        assert_eq!(client.count(SIGNALS).await, 5);
    }

    async fn signals_are_told_again_by_a_republication(db: TestDb) {
        let (app, client) = start_still(db).await;
        let signal = overdue(&app, &client, "C-000001").await;
        app.drain_outbox().await;
        let tap = app.bus.tap(&[SIGNAL_CHANGED]).await;
        let republish = complaints::SERVICE.republish.expect("a republication");
        assert_eq!(republish(app.context().clone()).await.expect("told"), 1);
        app.drain_outbox().await;
        assert_eq!(tap.events::<SignalChanged>().await, [SignalChanged::from(&signal)]);
    }

    async fn nobody_has_to_ask(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = introduce(&app, "C-000001").await;
        app.deliver(&InvoiceChanged(invoice(customer, 41))).await;
        let found = eventually(|| async {
            let mut found = signals(&client, customer).await;
            found.pop().ok_or(())
        })
        .await;
        assert_eq!(found.detector.as_str(), "overdue_payments");
    }
}

/// What a body looks like that says what was found.
#[tokio::test]
async fn a_verdict_is_refused_with_every_fault_named() {
    let (app, client) = start_still(TestDb::sqlite()).await;
    let signal = overdue(&app, &client, "C-000001").await;
    let path = format!("{SIGNALS}/{}/verdict", signal.id);
    let refused = async |body: Value| {
        let answer = client.post(&path, &body).await;
        let status = answer.status;
        let faults = answer.expect(status)["errors"].as_array().expect("faults").clone();
        (
            status,
            faults.iter().map(|fault| fault["pointer"].as_str().expect("a pointer").to_owned()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(refused(json!({"verdict": "perhaps", "why": 1})).await.0, 422);
    assert_eq!(refused(json!({"verdict": "true", "note": "  "})).await, (422, vec!["/note".to_owned()]));
}
