use chrono::{DateTime, Duration, NaiveDate, Utc};
use complaints_contract::v1::SIGNAL_CHANGED;
use complaints_contract::{Complaint, Signal};
use interactions_contract::v1::{InteractionFact, InteractionLogged, MeetingChanged, MeetingFact};
use interactions_contract::{InteractionChannel, InteractionId, Manner, Means, MeetingId, MeetingState};
use registry_contract::v1::{HoldingCreated, HoldingFact, PositionCreated, PositionFact};
use registry_contract::{ContactId, CustomerId, DecisionRole, HoldingId, PositionId};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use sales_contract::v1::{InvoiceChanged, InvoiceFact, OrderChanged, OrderFact};
use sales_contract::{InvoiceId, OrderId};
use serde_json::{Value, json};
use testkit::{App, Client, both, eventually};
use wire::{Currency, Money};

use crate::support::{introduce, redact, start};

const SIGNALS: &str = "/api/v1/signals";
const DETECTORS: &str = "/api/v1/detectors";

fn day(days_ago: i64) -> NaiveDate {
    ago(days_ago).date_naive()
}

fn ago(days: i64) -> DateTime<Utc> {
    Utc::now() - Duration::days(days)
}

fn invoice(customer_id: CustomerId, due_days_ago: i64) -> InvoiceFact {
    let amount = Money { minor: 100_000, currency: Currency::CNY };
    let due_on = day(due_days_ago);
    InvoiceFact {
        invoice_id: InvoiceId::new(),
        customer_id,
        sequence: 1,
        due_on,
        amount,
        paid_on: None,
        cancelled: false,
    }
}

fn meeting(customer_id: CustomerId, days_ago: i64, state: MeetingState, attended: i32) -> MeetingFact {
    let meeting_id = MeetingId::new();
    MeetingFact { meeting_id, customer_id, sequence: 1, planned_at: ago(days_ago), state, invited: 10, attended }
}

fn met(customer_id: CustomerId, days_ago: i64, contact_ids: Vec<ContactId>, manner: Option<Manner>) -> InteractionFact {
    InteractionFact {
        interaction_id: InteractionId::new(),
        customer_id,
        sequence: 1,
        occurred_at: ago(days_ago),
        channel: InteractionChannel::Visit,
        means: Means::RoutineVisit,
        outcome: Some(2),
        contact_ids,
        staff: vec![],
        manner,
    }
}

/// The signals of a customer once there are as many.
async fn signals(client: &Client, customer: CustomerId, number: usize) -> Vec<Signal> {
    let path = format!("{SIGNALS}?customer_id={customer}");
    eventually(async || {
        let items = client.get(&path).await.expect(200)["items"].clone();
        let signals: Vec<Signal> = serde_json::from_value(items).expect("signals");
        if signals.len() == number { Ok(signals) } else { Err(format!("{signals:?}")) }
    })
    .await
}

async fn judge(client: &Client, signal: &Signal, verdict: &str) -> Value {
    let body = json!({"verdict": verdict, "note": "Asked the purchasing department"});
    client.post(&format!("{SIGNALS}/{}/verdict", signal.id), &body).await.expect(200)
}

async fn overdue(app: &App, client: &Client, code: &str) -> Signal {
    let customer = introduce(app, code).await;
    for days in [5, 20] {
        app.deliver(&InvoiceChanged(invoice(customer, days))).await;
    }
    signals(client, customer, 1).await.remove(0)
}

both! {
    async fn unpaid_invoices_speak_and_the_owner_is_told(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[SIGNAL_CHANGED]).await;
        let signal = overdue(&app, &client, "C-000001").await;
        insta::assert_json_snapshot!(redact(client.get(&format!("{SIGNALS}/{}", signal.id)).await.expect(200)), @"");
        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), 1);
        assert_eq!(client.count(&format!("{SIGNALS}?owner=li.wei&judged=false&detector=overdue_payments")).await, 1);
    }

    async fn every_detector_hears_of_its_facts_by_events(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = introduce(&app, "C-000001").await;
        for (days, state, attended) in [
            (2, MeetingState::Declined, 0),
            (4, MeetingState::Cancelled, 0),
            (6, MeetingState::Held, 3),
            (8, MeetingState::Held, 3),
            (9, MeetingState::CancelledByUs, 0),
            (100, MeetingState::Held, 10),
            (110, MeetingState::Held, 10),
        ] {
            app.deliver(&MeetingChanged(meeting(customer, days, state, attended))).await;
        }
        for days in [100, 200, 300, 400] {
            let amount = Money { minor: 5_000, currency: Currency::CNY };
            let order_id = OrderId::new();
            let order =
                OrderFact { order_id, customer_id: customer, sequence: 1, ordered_on: day(days), amount, cancelled: false };
            app.deliver(&OrderChanged(order)).await;
        }
        app.deliver(&InteractionLogged(met(customer, 3, vec![], Some(Manner::Rude)))).await;
        let contact_id = ContactId::new();
        let seat = PositionFact {
            position_id: PositionId::new(),
            customer_id: customer,
            sequence: 1,
            decision_role: Some(DecisionRole::Decider),
            vote_weight: None,
        };
        app.deliver(&PositionCreated(seat.clone())).await;
        let holding = HoldingFact {
            holding_id: HoldingId::new(),
            contact_id,
            position_id: seat.position_id,
            customer_id: customer,
            from: day(300),
            until: None,
            sequence: 1,
        };
        app.deliver(&HoldingCreated(holding)).await;
        app.deliver(&InteractionLogged(met(customer, 60, vec![contact_id], None))).await;

        let found = signals(&client, customer, 5).await;
        let mut words: Vec<_> = found.iter().map(|signal| signal.detector.as_str()).collect();
        words.sort_unstable();
        let expected =
            ["abrupt_manner", "cancelled_meetings", "falling_attendance", "falling_orders", "silent_key_person"];
        assert_eq!(words, expected);
        let silent = found.iter().find(|signal| signal.contact_id == Some(contact_id)).expect("about a person");
        assert_eq!(silent.detector.as_str(), "silent_key_person");
    }

    async fn facts_may_come_twice_and_late(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = introduce(&app, "C-000001").await;
        let (one, two) = (invoice(customer, 5), invoice(customer, 20));
        let paid = InvoiceFact { sequence: 2, paid_on: Some(day(30)), ..two.clone() };
        for fact in [&paid, &two, &one, &one, &paid] {
            app.deliver(&InvoiceChanged(fact.clone())).await;
        }
        let three = invoice(customer, 10);
        app.deliver(&InvoiceChanged(three.clone())).await;
        let found = signals(&client, customer, 1).await.remove(0);
        let facts: Vec<_> = found.evidence.iter().map(|evidence| evidence.reference).collect();
        assert_eq!((found.measured, facts), (2, vec![one.invoice_id.into(), three.invoice_id.into()]));
    }

    async fn verdicts_make_precision_known_and_a_true_signal_becomes_a_complaint_once(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (overdue(&app, &client, "C-000001").await, overdue(&app, &client, "C-000002").await);
        let make = |signal: &Signal| {
            let path = format!("{SIGNALS}/{}/complaint", signal.id);
            let client = &client;
            async move { client.post(&path, &json!({"subject": "Invoices unpaid since the outage"})).await }
        };
        assert_eq!(make(&one).await.problem(), (409, "signal-not-confirmed"));
        judge(&client, &one, "confirmed").await;
        judge(&client, &two, "refuted").await;
        let complaint: Complaint = make(&one).await.read(201);
        assert_eq!((complaint.channel.as_str(), complaint.customer_id), ("signal", Some(one.customer_id)));
        assert_eq!(make(&one).await.read::<Complaint>(201).id, complaint.id);
        let settled = client.post(&format!("{SIGNALS}/{}/verdict", one.id), &json!({"verdict": "unclear"})).await;
        assert_eq!(settled.problem(), (409, "signal-settled"));
        let report = client.get(&format!("{DETECTORS}/overdue_payments")).await.expect(200);
        insta::assert_json_snapshot!(report, @"");
        assert_eq!(client.get(&format!("{DETECTORS}/astrology")).await.problem(), (404, "detector-not-found"));
    }

    async fn a_judged_signal_stays_quiet_until_there_is_news(db: TestDb) {
        let (app, client) = start(db).await;
        let signal = overdue(&app, &client, "C-000001").await;
        judge(&client, &signal, "refuted").await;
        let customer = signal.customer_id;
        // One that is paid in time is no news to this detector; the next one overdue is.
        app.deliver(&InvoiceChanged(InvoiceFact { paid_on: Some(day(40)), ..invoice(customer, 30) })).await;
        app.deliver(&InvoiceChanged(invoice(customer, 3))).await;
        let found = signals(&client, customer, 2).await;
        assert_eq!(found.iter().filter(|signal| signal.verdict.is_none()).map(|signal| signal.measured).collect::<Vec<_>>(), [3]);
    }

    async fn a_detector_speaks_when_its_rule_says(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = introduce(&app, "C-000001").await;
        app.deliver(&InvoiceChanged(invoice(customer, 5))).await;
        let manager = app.client(&["complaints:read", "complaints:manage"]);
        let set = async |etag: &str, rule: Value| {
            let path = format!("{DETECTORS}/overdue_payments");
            manager.send(manager.request(Method::PUT, &path).header(IF_MATCH, etag).json(&rule)).await
        };
        let rule = |threshold: i64| json!({"enabled": true, "window_days": 30, "threshold": threshold, "least_facts": 1});
        let refused = set("\"0\"", json!({"enabled": true, "window_days": 0, "threshold": 0, "least_facts": 1})).await;
        assert_eq!(refused.expect(422)["errors"].as_array().map(Vec::len), Some(2));
        assert_eq!(set("\"0\"", rule(1)).await.etag(), "\"1\"");
        set("\"0\"", rule(2)).await.expect(412);
        assert_eq!(signals(&client, customer, 1).await[0].threshold, 1);
    }
}
