//! Complaints about our own people, and parts of others that are confidential: each way by which they could leak.

use chassis::Caller;
use complaints_contract::v1::ComplaintFact;
use complaints_contract::{Complaint, ComplaintLink, MailReceipt};
use serde_json::{Value, json};
use testkit::{App, Client, both};
use wire::Page;

use crate::support::{EVENTS, LEAD, PATH, grievance, open, start, with};

fn caller(app: &App, name: &str, permissions: &[&str]) -> Client {
    app.client_as(Caller {
        id: "user:0198a000-0000-7000-8000-000000000002".to_owned(),
        name: name.to_owned(),
        roles: vec![],
        permissions: permissions.iter().map(|permission| (*permission).to_owned()).collect(),
    })
}

fn restricted(app: &App, name: &str) -> Client {
    caller(app, name, &[LEAD, &["complaints:restricted"]].concat())
}

fn about() -> Value {
    with(grievance(), json!({"about_staff": "li.wei", "description": "He shouted.", "safety": true}))
}

both! {
    async fn what_is_about_our_people_is_not_there_for_others(db: TestDb) {
        let (app, client) = start(db).await;
        let open_one = open(&client, &with(grievance(), json!({"customer_external": {"system": "erp", "id": "1"}}))).await;
        let hidden =
            open(&client, &with(about(), json!({
                "customer_external": {"system": "erp", "id": "1"},
                "external_id": {"system": "desk", "id": "7"},
            }))).await;
        let head = restricted(&app, "zhao.lei");
        let link = json!({"to": hidden.id, "relation": "related"});
        head.post(&format!("{PATH}/{}/links", open_one.id), &link).await.read::<ComplaintLink>(201);

        for (blind, who) in [(client.clone(), "without the permission"), (restricted(&app, "Li.Wei"), "whom it is about")] {
            for path in ["", "/history", "/related", "/links", "/messages"] {
                for id in [hidden.id.to_string(), hidden.number.clone()] {
                    let refused = blind.get(&format!("{PATH}/{id}{path}")).await;
                    assert_eq!(refused.problem(), (404, "complaint-not-found"), "{who}: {path}");
                }
            }
            for (how, body) in [
                ("acknowledgement", json!({})),
                ("responses", json!({"note_to_customer": "x"})),
                ("rejection", json!({"reason": "x", "note_to_customer": "x"})),
                ("customer-messages", json!({"message": "x"})),
                ("links", json!({"to": open_one.id, "relation": "related"})),
            ] {
                let refused = blind.post(&format!("{PATH}/{}/{how}", hidden.id), &body).await;
                assert_eq!(refused.problem(), (404, "complaint-not-found"), "{who}: {how}");
            }
            let refused = blind.patch(&format!("{PATH}/{}", hidden.id), "*", &json!({"about_staff": null})).await;
            assert_eq!(refused.problem(), (404, "complaint-not-found"));
            let from_other = blind.post(&format!("{PATH}/{}/links", open_one.id), &link).await;
            assert_eq!(from_other.problem(), (404, "complaint-not-found"));

            assert_eq!(blind.count(PATH).await, 1);
            assert_eq!(blind.get(&format!("{PATH}?restricted=true")).await.expect(200)["items"], json!([]));
            let list = blind.get(&format!("{PATH}?sort=-safety,severity,received_at")).await.expect(200);
            assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
            let safe = blind.get(&format!("{PATH}?safety=true&count=exact")).await.expect(200);
            assert_eq!(safe["count"], 0);
            let summary = blind.get(&format!("{PATH}/summary")).await.expect(200);
            assert_eq!(summary["total"], 1);
            assert_eq!(summary["by_severity"], json!([{"value": "3", "count": 1}]));
            let related = blind.get(&format!("{PATH}/{}/related", open_one.id)).await.expect(200);
            assert_eq!(related["items"], json!([]));
            let links = blind.get(&format!("{PATH}/{}/links", open_one.id)).await.expect(200);
            assert_eq!(links["items"], json!([]));

            let key = json!({"external_id": {"system": "desk", "id": "7"}});
            let taken = blind.post(PATH, &with(grievance(), key.clone())).await;
            assert_eq!(taken.problem(), (409, "external-id-taken"));
            assert!(!taken.body.to_string().contains(&hidden.number));
            let upserted = blind.put(&format!("{PATH}/external/desk/7"), &grievance()).await;
            assert_eq!(upserted.problem(), (404, "complaint-not-found"));
            let rows = json!({"complaints": [with(grievance(), key)]});
            let bulk = blind.post(&format!("{PATH}/bulk?mode=per_row"), &rows).await.expect(200);
            assert_eq!((&bulk["failed"], &bulk["results"][0]["complaint"]), (&json!(1), &Value::Null));
            let raw = format!("Message-ID: <{who}>\r\nFrom: a@example.com\r\nSubject: [{}]\r\n\r\nMore", hidden.number);
            let request = blind.request(reqwest::Method::POST, &format!("{PATH}/mail"));
            let mail = blind.send(request.header("content-type", "message/rfc822").body(raw)).await;
            assert_eq!(mail.read::<MailReceipt>(200).number, None);
        }
        assert_eq!(head.count(PATH).await, 2);
        for (restricted, number) in [(true, &hidden.number), (false, &open_one.number)] {
            let queue = head.get(&format!("{PATH}?restricted={restricted}")).await.read::<Page<Complaint>>(200);
            assert_eq!(queue.items.iter().map(|one| &one.number).collect::<Vec<_>>(), [number]);
        }
        let seen: Complaint = head.get(&format!("{PATH}/{}", hidden.id)).await.read(200);
        assert_eq!((seen.about_staff.as_deref(), seen.safety), (Some("li.wei"), true));
        let related = head.get(&format!("{PATH}/{}/related", open_one.id)).await.expect(200);
        assert_eq!(related["items"][0]["number"], json!(hidden.number));
        let links = head.get(&format!("{PATH}/{}/links", open_one.id)).await.expect(200);
        assert_eq!(links["items"][0]["number"], json!(hidden.number));
    }

    async fn events_tell_that_it_is_restricted_and_no_word_of_it(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(EVENTS).await;
        let hidden = open(&client, &about()).await;
        restricted(&app, "zhao.lei").post(&format!("{PATH}/{}/responses", hidden.id), &json!({"note_to_customer": "We are sorry."})).await.expect(200);
        app.drain_outbox().await;
        let events = tap.envelopes().await;
        assert_eq!(events.len(), 2);
        for event in events {
            let text = event.data.to_string();
            let fact: ComplaintFact = serde_json::from_value(event.data).expect("a fact");
            assert!(fact.restricted);
            for word in ["li.wei", "shouted", "sorry", "Line down"] {
                assert!(!text.contains(word), "{word}");
            }
        }
    }

    async fn it_is_hidden_and_shown_again_by_a_correction(db: TestDb) {
        let (app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let path = format!("{PATH}/{}", complaint.id);
        client.patch(&path, "*", &json!({"about_staff": "li.wei"})).await.expect(200);
        assert_eq!(client.get(&path).await.problem(), (404, "complaint-not-found"));
        let head = restricted(&app, "zhao.lei");
        head.patch(&path, "*", &json!({"about_staff": null})).await.expect(200);
        client.get(&path).await.expect(200);
    }

    async fn confidential_parts_are_for_those_at_work_on_it(db: TestDb) {
        let (app, client) = start(db).await;
        let complaint = open(&client, &with(grievance(), json!({
            "description": "My illness.",
            "remedy_sought": "Silence.",
            "complainant": {"name": "Wang Fang"},
            "confidential": ["notes", "description", "complainant", "notes"],
        }))).await;
        let path = format!("{PATH}/{}", complaint.id);
        client.post(&format!("{path}/responses"), &json!({"note_to_customer": "About your illness: sorry."})).await.expect(200);
        let reader = caller(&app, "reader", &["complaints:read", "complaints:write"]);
        let seen: Complaint = reader.get(&path).await.read(200);
        assert_eq!((seen.description, seen.complainant, seen.remedy_sought.as_deref()), (None, None, Some("Silence.")));
        assert_eq!(serde_json::to_value(&seen.confidential).expect("JSON"), json!(["complainant", "description", "notes"]));
        for answer in [
            reader.get(&path).await,
            reader.get(PATH).await,
            reader.get(&format!("{path}/history")).await,
            reader.patch(&path, "*", &json!({"safety": true})).await,
            reader.post(&format!("{path}/customer-messages"), &json!({"message": "My illness again."})).await,
            reader.get(&format!("{path}/history")).await,
        ] {
            let text = answer.expect(200).to_string();
            assert!(!text.contains("illness") && !text.contains("Wang"), "{text}");
        }
        for fewer in [json!([]), json!(["complainant", "notes"])] {
            let refused = reader.patch(&path, "*", &json!({"confidential": fewer})).await;
            assert_eq!(refused.problem(), (403, "stays-confidential"));
        }
        let all = json!({"confidential": ["complainant", "description", "notes", "resolution"]});
        reader.patch(&path, "*", &all).await.expect(200);
        let handler: Complaint = client.get(&path).await.read(200);
        assert_eq!(handler.description.as_deref(), Some("My illness."));
        let opened: Complaint = client.patch(&path, "*", &json!({"confidential": []})).await.read(200);
        assert!(opened.confidential.is_empty());
        assert_eq!(reader.get(&path).await.read::<Complaint>(200).description.as_deref(), Some("My illness."));
    }
}
