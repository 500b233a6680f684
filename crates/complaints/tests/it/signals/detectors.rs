use chrono::{DateTime, Duration, Utc};
use complaints_contract::v1::SIGNAL_CHANGED;
use complaints_contract::{Detector, Verdict};
use interactions_contract::v1::{InteractionLogged, MannerFact, MannerMarked, MeetingChanged};
use interactions_contract::{InteractionId, Manner, MeetingState};
use registry_contract::v1::{HoldingCreated, HoldingFact, PositionCreated, PositionFact};
use registry_contract::{ContactId, DecisionRole, HoldingId, PositionId};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use sales_contract::OrderId;
use sales_contract::v1::{InvoiceChanged, OrderChanged, OrderFact};
use serde_json::{Value, json};
use surveys_contract::v1::{InvitationChanged, InvitationFact};
use surveys_contract::{InvitationId, SurveyId};
use testkit::{both, envelope, golden_events};
use wire::{Currency, Money};

use super::{ago, day, introduce, invoice, judge, look, meeting, met, observed, overdue, redact, signals, start_still};

const DETECTORS: &str = "/api/v1/detectors";

both! {
    async fn every_detector_hears_of_its_facts_by_events(db: TestDb) {
        let (app, client) = start_still(db).await;
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
        app.deliver(&MannerMarked(MannerFact {
            interaction_id: InteractionId::new(),
            customer_id: customer,
            contact_id: None,
            sequence: 1,
            occurred_at: ago(3),
            manner: Some(Manner::Rude),
        }))
        .await;
        for days in [20, 60] {
            app.deliver(&InvitationChanged(InvitationFact {
                invitation_id: InvitationId::new(),
                survey_id: SurveyId::new(),
                customer_id: customer,
                contact_id: None,
                sequence: 1,
                sent_at: ago(days),
                answered_at: None,
                void: false,
            }))
            .await;
        }
        app.deliver(&InvoiceChanged(invoice(customer, 41))).await;
        let contact_id = ContactId::new();
        let seat = PositionFact {
            position_id: PositionId::new(),
            customer_id: customer,
            sequence: 1,
            decision_role: Some(DecisionRole::Decider),
            vote_weight: None,
            level: None,
            reports_to: None,
            closed_on: None,
        };
        app.deliver(&PositionCreated(seat.clone())).await;
        app.deliver(&HoldingCreated(HoldingFact {
            holding_id: HoldingId::new(),
            contact_id,
            position_id: seat.position_id,
            customer_id: customer,
            from: day(300),
            until: None,
            sequence: 1,
        }))
        .await;
        app.deliver(&InteractionLogged(met(customer, 60, vec![contact_id]))).await;

        look(&app, 0).await;
        let found = signals(&client, customer).await;
        let mut measured: Vec<_> = found.iter().map(|signal| (signal.detector, signal.measured)).collect();
        measured.sort_unstable();
        assert_eq!(
            measured,
            [
                (Detector::OverduePayments, 40),
                (Detector::CancelledMeetings, 50),
                (Detector::FallingAttendance, 70),
                (Detector::SilentKeyPerson, 60 * 100 / 14),
                (Detector::FallingOrders, 100),
                (Detector::AbruptManner, 2),
                (Detector::SurveySilence, 2),
            ]
        );
        for signal in &found {
            let about = (signal.detector == Detector::SilentKeyPerson).then_some(contact_id);
            assert_eq!((signal.contact_id, signal.threshold > 0, signal.rule_version), (about, true, 1));
            assert!(!signal.evidence.is_empty(), "{signal:?}");
        }
        // Looked at again, nothing is found twice.
        look(&app, 0).await;
        assert_eq!(signals(&client, customer).await.len(), 7);
    }

    async fn golden_events_may_come_twice_and_in_any_order(db: TestDb) {
        let events = ["registry", "interactions", "sales", "surveys"].map(golden_events).concat();
        let heard = |r#type: &str| complaints::SERVICE.subscriptions.iter().any(|heard| heard.event_type == r#type);
        let mut told: Vec<_> = events.into_iter().filter(|event| heard(&event.r#type)).collect();
        // Of an invoice an earlier and a later version besides; the golden one is the second.
        for (sequence, paid_on) in [(1, Value::Null), (3, json!("2026-04-21"))] {
            let golden = told.iter().find(|event| event.r#type == "sales.invoice.changed.v1").expect("an invoice");
            let mut data = golden.data.clone();
            data["sequence"] = sequence.into();
            data["paid_on"] = paid_on;
            told.push(envelope("sales.invoice.changed.v1", data));
        }
        let other = match db.backend() {
            database::Backend::Postgres => testkit::TestDb::postgres().await,
            database::Backend::Sqlite => testkit::TestDb::sqlite(),
        };
        let (forwards, _client) = start_still(other).await;
        let (backwards, _client) = start_still(db).await;
        let deliver = async |app: &testkit::App, events: Vec<&messaging::Envelope>| {
            for event in events {
                let event = messaging::Envelope { id: uuid::Uuid::now_v7(), ..event.clone() };
                app.deliver_envelope(&event).await.expect("taken");
            }
        };
        deliver(&forwards, told.iter().collect()).await;
        let expected = observed(&forwards).await;
        for kind in ["invoice", "order", "meeting", "interaction", "manner", "invitation", "seat", "holding"] {
            assert!(expected.iter().any(|line| line.contains(kind)), "{kind}: {expected:#?}");
        }
        assert!(expected.iter().any(|line| line.contains("2026-04-21")), "{expected:#?}");
        assert!(expected.iter().all(|line| !line.contains("li.wei")), "no names: {expected:#?}");
        deliver(&backwards, told.iter().rev().collect()).await;
        assert_eq!(observed(&backwards).await, expected);
        deliver(&backwards, told.iter().chain(told.iter().rev()).collect()).await;
        assert_eq!(observed(&backwards).await, expected);
    }

    async fn verdicts_make_precision_known(db: TestDb) {
        let (app, client) = start_still(db).await;
        for (number, verdict) in [Verdict::True, Verdict::True, Verdict::False, Verdict::Unclear].into_iter().enumerate() {
            let signal = overdue(&app, &client, &format!("C-00000{number}")).await;
            judge(&client, &signal, verdict).await;
        }
        overdue(&app, &client, "C-000009").await;
        let report = client.get(&format!("{DETECTORS}/report")).await.expect(200);
        insta::assert_json_snapshot!(redact(report), @r#"
        {
          "found_from": null,
          "found_until": null,
          "rows": [
            {
              "detector": "overdue_payments",
              "found": 5,
              "judged_false": 1,
              "judged_true": 2,
              "judged_unclear": 1,
              "open": 1,
              "precision": 0.6666666666666666
            },
            {
              "detector": "cancelled_meetings",
              "found": 0,
              "judged_false": 0,
              "judged_true": 0,
              "judged_unclear": 0,
              "open": 0,
              "precision": null
            },
            {
              "detector": "falling_attendance",
              "found": 0,
              "judged_false": 0,
              "judged_true": 0,
              "judged_unclear": 0,
              "open": 0,
              "precision": null
            },
            {
              "detector": "silent_key_person",
              "found": 0,
              "judged_false": 0,
              "judged_true": 0,
              "judged_unclear": 0,
              "open": 0,
              "precision": null
            },
            {
              "detector": "falling_orders",
              "found": 0,
              "judged_false": 0,
              "judged_true": 0,
              "judged_unclear": 0,
              "open": 0,
              "precision": null
            },
            {
              "detector": "abrupt_manner",
              "found": 0,
              "judged_false": 0,
              "judged_true": 0,
              "judged_unclear": 0,
              "open": 0,
              "precision": null
            },
            {
              "detector": "survey_silence",
              "found": 0,
              "judged_false": 0,
              "judged_true": 0,
              "judged_unclear": 0,
              "open": 0,
              "precision": null
            }
          ]
        }
        "#);
        let row = async |query: &str| {
            let report = client.get(&format!("{DETECTORS}/report?{query}")).await.expect(200);
            report["rows"][0].clone()
        };
        let later = (ago(0) + Duration::days(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let found = [row(&format!("found_from={later}")).await, row(&format!("found_until={later}")).await];
        assert_eq!(found.map(|row| row["found"].clone()), [json!(0), json!(5)]);
    }

    async fn a_detector_speaks_when_its_rule_says(db: TestDb) {
        let (app, client) = start_still(db).await;
        let customer = introduce(&app, "C-000001").await;
        app.deliver(&InvoiceChanged(invoice(customer, 11))).await;
        look(&app, 0).await;
        assert_eq!(signals(&client, customer).await, []);

        let path = format!("{DETECTORS}/overdue_payments");
        let read = client.get(&path).await;
        assert_eq!(read.etag(), "\"1\"");
        insta::assert_json_snapshot!(redact(read.expect(200)), @r#"
              {
                "detector": "overdue_payments",
                "rule": {
                  "enabled": true,
                  "least_facts": 1,
                  "threshold": 30,
                  "window_days": 90
                },
                "updated_at": "[time]",
                "updated_by": "system",
                "version": 1
              }
              "#);
        let rule = |enabled, window_days: i32, threshold: i32| {
            json!({"enabled": enabled, "window_days": window_days, "threshold": threshold, "least_facts": 1})
        };
        let set = async |name: &str, etag: Option<&str>, rule: Value| {
            let request = client.request(Method::PUT, &format!("{DETECTORS}/{name}"));
            let request = if let Some(etag) = etag { request.header(IF_MATCH, etag) } else { request };
            client.send(request.json(&rule)).await
        };
        assert_eq!(set("overdue_payments", None, rule(true, 90, 10)).await.status, 428);
        set("overdue_payments", Some("\"1\""), rule(true, 0, 0)).await.expect(422);
        assert_eq!(set("falling_orders", Some("\"1\""), rule(true, 90, 101)).await.problem(), (422, "rules-invalid"));
        assert_eq!(set("silent_key_person", Some("\"1\""), rule(true, 7, 200)).await.problem(), (422, "rules-invalid"));
        assert_eq!(set("astrology", Some("\"1\""), rule(true, 90, 10)).await.problem(), (404, "detector-not-found"));
        let strict = set("overdue_payments", Some("\"1\""), rule(true, 90, 10)).await;
        assert_eq!(strict.etag(), "\"2\"");
        strict.expect(200);
        set("overdue_payments", Some("\"1\""), rule(true, 90, 5)).await.expect(412);
        // The same again is no new version.
        assert_eq!(set("overdue_payments", Some("\"2\""), rule(true, 90, 10)).await.etag(), "\"2\"");

        look(&app, 0).await;
        let found = signals(&client, customer).await.remove(0);
        assert_eq!((found.measured, found.threshold, found.rule_version), (10, 10, 2));
        // Switched off, it finds nothing, and what it has found stays as it is.
        set("overdue_payments", Some("*"), rule(false, 90, 10)).await.expect(200);
        let other = introduce(&app, "C-000002").await;
        app.deliver(&InvoiceChanged(invoice(other, 50))).await;
        look(&app, 10).await;
        assert_eq!(signals(&client, customer).await, [found]);
        assert_eq!(signals(&client, other).await, []);
        let all = client.get(DETECTORS).await.expect(200);
        let rules: Vec<_> = all["items"].as_array().expect("rules").iter().map(|set| set["version"].clone()).collect();
        assert_eq!(rules, [3, 1, 1, 1, 1, 1, 1]);
    }

    async fn whoever_is_met_again_is_silent_no_more(db: TestDb) {
        let (app, client) = start_still(db).await;
        let tap = app.bus.tap(&[SIGNAL_CHANGED]).await;
        let customer = introduce(&app, "C-000001").await;
        let contact_id = ContactId::new();
        let position_id = PositionId::new();
        // The holding before the seat, and both before the encounter: whatever order they come in.
        let holding_id = HoldingId::new();
        let from = day(100);
        let holding =
            HoldingFact { holding_id, contact_id, position_id, customer_id: customer, from, until: None, sequence: 1 };
        app.deliver(&HoldingCreated(holding)).await;
        look(&app, 0).await;
        assert_eq!(signals(&client, customer).await, []);
        app.deliver(&PositionCreated(PositionFact {
            position_id,
            customer_id: customer,
            sequence: 1,
            decision_role: Some(DecisionRole::Approver),
            vote_weight: None,
            level: None,
            reports_to: None,
            closed_on: None,
        }))
        .await;
        look(&app, 0).await;
        let signal = signals(&client, customer).await.remove(0);
        assert_eq!(signal.evidence[0].reference, uuid::Uuid::from(holding_id), "the seat speaks where nobody was met");
        app.deliver(&InteractionLogged(met(customer, 1, vec![contact_id]))).await;
        look(&app, 0).await;
        assert!(signals(&client, customer).await[0].eased_at.is_some());
        // Silent again 28 days after that.
        look(&app, 26).await;
        assert!(signals(&client, customer).await[0].eased_at.is_some());
        look(&app, 27).await;
        let again: DateTime<Utc> = signals(&client, customer).await[0].updated_at;
        assert_eq!((signals(&client, customer).await[0].eased_at, again), (None, ago(-27)));
        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), 1);
    }
}
