//! What is known of a person: who reads it, all of it at once, and its end.

use std::collections::BTreeMap;

use chrono::Utc;
use registry_contract::v1::{self, ContactErased, ContactFact};
use registry_contract::{
    ConsentCheck, ConsentLedger, Contact, ContactRead, Customer, DecisionChain, LegalHold, Position,
};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::json;
use testkit::{Answer, App, Client, both, eventually};
use wire::Page;

use crate::events::republish;
use crate::merges::{lines, merge, unmerge};
use crate::support::{
    CONTACTS, CUSTOMERS, IMPORTS, all_pages, at, caller, counts, emptied, faults, hold, import, named, person, redact,
    run, seat, start, until,
};

const NAME: &str = "欧阳震华";
/// What is found nowhere once he is erased.
const TEXTS: [&str; 8] = [NAME, "ouyang", "sample-mail", "8888 7777", "88887777", "139 0000 1111", "curling", "oolong"];

fn officer(app: &App) -> Client {
    app.client_as(caller("officer", &["privacy:manage"]))
}

fn path(contact: &Contact) -> String {
    format!("{CONTACTS}/{}", contact.id)
}

async fn erase(client: &Client, contact: &Contact, etag: &str) -> Answer {
    let request = client.request(Method::POST, &format!("{}/erasure", path(contact))).header(IF_MATCH, etag);
    client.send(request.json(&json!({ "reason": "Case 4711" }))).await
}

/// Creates him; the answer is kept for whoever repeats it.
async fn enter(client: &Client, customer: &Customer) -> Answer {
    let contact = json!({
        "customer_id": customer.id, "name": NAME, "title": "CTO", "email": "zh.ouyang@sample-mail.example",
        "phone": "+86 755 8888 7777", "mobile": "139 0000 1111", "preferred_channel": "im", "language": "zh-HK",
        "contact_points": [{ "kind": "email", "label": "home", "value": "ouyang@home.example" }],
        "topics": ["curling"], "note": "Drinks oolong.",
    });
    let request = client.request(Method::POST, CONTACTS).header("Idempotency-Key", "k-1");
    client.send(request.json(&contact)).await
}

async fn read_stance(client: &Client, contact: &Contact, seat: &Position) -> Answer {
    let stance = json!({
        "contact_id": contact.id, "stance": "champion", "read_on": "2026-02-01", "read_by": "li.wei",
        "note": "Said so at the curling.",
    });
    client.post(&format!("/api/v1/positions/{}/stances", seat.id), &stance).await
}

async fn consent(client: &Client, contact: &Contact) -> Answer {
    let consent = json!({
        "purpose": "marketing", "channel": "email", "decision": "granted", "decided_at": "2026-03-01T08:00:00Z",
        "source": format!("Form of {NAME}"), "text_version": "1", "evidence": "https://example.com/ouyang.pdf",
    });
    client.post(&format!("{}/consents", path(contact)), &consent).await
}

/// Somebody of whom all kinds of things are known, and his seat.
async fn known(client: &Client, customer: &Customer) -> (Contact, Position) {
    let contact: Contact = enter(client, customer).await.read(201);
    let networks = json!({ "title": "Head of networks", "decision_role": "decider", "vote_weight": 100 });
    let networks = seat(client, customer, networks).await;
    hold(client, &contact, &networks, "2026-01-01", None).await;
    read_stance(client, &contact, &networks).await.expect(201);
    consent(client, &contact).await.expect(201);
    (contact, networks)
}

/// Which tables hold something of him.
async fn traces(app: &App) -> Vec<String> {
    testkit::traces(&app.db, &TEXTS).await
}

/// Waits until nothing is left to write in the background.
async fn settled(app: &App) {
    for queue in ["search_queue", "duplicate_queue"] {
        emptied(app, queue).await;
    }
}

/// How often the contact was read in each way.
async fn reads(officer: &Client, contact: &Contact) -> BTreeMap<&'static str, i64> {
    let page: Page<ContactRead> = officer.get(&format!("{}/reads", path(contact))).await.read(200);
    page.items.iter().map(|read| (read.kind.as_str(), read.times)).collect()
}

/// Waits until it is written down that the contact was read so.
async fn read_as<const KINDS: usize>(officer: &Client, contact: &Contact, expected: [(&'static str, i64); KINDS]) {
    let expected = BTreeMap::from(expected);
    eventually(|| async {
        let now = reads(officer, contact).await;
        if now == expected { Ok(()) } else { Err(now) }
    })
    .await;
}

both! {
    async fn an_erasure_leaves_no_trace(db: TestDb) {
        let (app, client) = start(db).await;
        let officer = officer(&app);
        let customer = named(&client, "Acme").await;
        let (contact, seat) = known(&client, &customer).await;
        let path = path(&contact);
        client.patch(&path, "\"1\"", &json!({ "title": "CEO" })).await.expect(200);
        let file = format!("name,phone,tier\n{NAME},139 0000 1111,Q\n");
        assert_eq!(counts(&import(&client, "", file).await), [1, 0, 0, 0, 1, 0]);
        settled(&app).await;
        app.drain_outbox().await;
        let before = traces(&app).await;
        let lacking = |text: &&str| !before.iter().any(|trace| trace.ends_with(*text));
        assert_eq!(TEXTS.iter().copied().filter(lacking).collect::<Vec<_>>(), Vec::<&str>::new());

        let tap = app.bus.tap(&[v1::CONTACT_ERASED]).await;
        assert_eq!(erase(&officer, &contact, "\"1\"").await.problem(), (412, "version-stale"));
        let erased = erase(&officer, &contact, "\"2\"").await;
        assert_eq!(erased.etag(), "\"3\"");
        assert_eq!(traces(&app).await, Vec::<String>::new());
        insta::assert_json_snapshot!(redact(erased.body.clone()), @r#"
        {
          "contact_points": [],
          "created_at": "[time]",
          "customer_id": "[id]",
          "email": null,
          "erased_at": "[time]",
          "id": "[id]",
          "language": null,
          "mobile": null,
          "name": "",
          "note": null,
          "phone": null,
          "preferred_channel": null,
          "title": null,
          "topics": [],
          "updated_at": "[time]",
          "version": 3
        }
        "#);
        assert_eq!(erase(&officer, &contact, "\"2\"").await.expect(200), erased.body, "as often as one likes");
        settled(&app).await;
        assert_eq!(traces(&app).await, Vec::<String>::new());
        app.drain_outbox().await;
        let fact = ContactFact { contact_id: contact.id, customer_id: customer.id, sequence: 3 };
        assert_eq!(tap.events::<ContactErased>().await, [ContactErased(fact.clone())]);
        let again = app.bus.tap(&[v1::CONTACT_ERASED]).await;
        republish(&app).await;
        assert_eq!(again.events::<ContactErased>().await, [ContactErased(fact)]);

        // Whoever repeats the request that made him makes nobody.
        let repeated = enter(&client, &customer).await;
        assert_eq!((repeated.status, repeated.body.as_str()), (201, Some("")));
        assert_eq!(client.count(CONTACTS).await, 1);
        let ledger: ConsentLedger = client.get(&format!("{path}/consents")).await.read(200);
        let told: Vec<_> = ledger.entries.iter().map(|entry| (entry.decision.as_str(), entry.source.as_str(), &entry.evidence)).collect();
        assert_eq!(told, [("granted", "erasure", &None), ("objected", "erasure", &None)]);
        let may: ConsentCheck = client.get(&format!("{path}/consents/check?purpose=marketing&channel=email")).await.read(200);
        assert!(!may.allowed);
        assert_eq!(client.count(&format!("{path}/holdings")).await, 1, "the seat was held by somebody");
        let chain: DecisionChain = client.get(&format!("{}/decision-chain", at(&customer))).await.read(200);
        assert!(chain.nodes[0].holders.is_empty());
        assert_eq!((chain.coverage.filled, chain.coverage.with_stance), (0, 0));

        // He is read, listed and nothing else.
        assert_eq!(client.get(&path).await.expect(200), erased.body);
        assert_eq!(client.get(CONTACTS).await.expect(200)["items"], json!([erased.body]));
        for words in ["ouyang", "13900001111"] {
            assert_eq!(client.get(&format!("{CONTACTS}?q={words}")).await.expect(200)["items"], json!([]), "{words}");
        }
        let file = client.get(&format!("{CONTACTS}/export?columns=id")).await.expect(200);
        assert_eq!(file.as_str().map(|text| text.lines().count()), Some(1));
        assert_eq!(client.get(&format!("{CONTACTS}/vcards")).await.expect(200), json!(""));
        let holding = json!({ "position_id": seat.id, "from": "2025-01-01", "until": "2025-02-01" });
        for refused in [
            client.get(&format!("{path}/vcard")).await,
            client.patch(&path, "*", &json!({ "name": "Nobody" })).await,
            client.post(&format!("{path}/holdings"), &holding).await,
            consent(&client, &contact).await,
            read_stance(&client, &contact, &seat).await,
            officer.put(&format!("{path}/legal-hold"), &json!({ "reason": "Dispute" })).await,
        ] {
            assert_eq!(refused.problem(), (409, "contact-erased"));
        }
        let proof = officer.get(&format!("{path}/personal-data")).await.expect(200);
        assert_eq!((&proof["erasure"]["reason"], &proof["erasure"]["erased_by"]), (&json!("Case 4711"), &json!("user:officer")));
        assert_eq!((proof["stances"].clone(), proof["holdings"].as_array().map(Vec::len)), (json!([]), Some(1)));
    }

    async fn neither_a_merge_nor_its_undoing_brings_him_back(db: TestDb) {
        let (app, client) = start(db).await;
        let (officer, merger) = (officer(&app), app.client_as(caller("merger", &["customers:merge"])));
        let (keeps, goes) = (named(&client, "Acme").await, named(&client, "Rival").await);
        let (contact, _) = known(&client, &goes).await;
        merge(&merger, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        erase(&officer, &contact, "*").await.expect(200);
        let where_he_is = async || {
            let left: Contact = client.get(&path(&contact)).await.read(200);
            assert_eq!((left.name.as_str(), left.erased_at.is_some()), ("", true));
            left.customer_id
        };
        unmerge(&merger, &goes).await.expect(200);
        assert_eq!(where_he_is().await, goes.id);
        merge(&merger, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        assert_eq!(where_he_is().await, keeps.id);
        settled(&app).await;
        assert_eq!(traces(&app).await, Vec::<String>::new());
    }

    async fn an_import_that_is_taken_back_does_not_bring_him_back(db: TestDb) {
        let (app, client) = start(db).await;
        let taken = import(&client, "&system=sap", "name,external_id\nAcme,1\n").await;
        let listed: Page<Customer> = client.get(CUSTOMERS).await.read(200);
        let (contact, _) = known(&client, &listed.items[0]).await;
        erase(&officer(&app), &contact, "*").await.expect(200);
        client.post(&format!("{IMPORTS}/{}/revert", taken.id), &json!({})).await.expect(202);
        until(&client, &taken, |import| import.kept == 1).await;
        settled(&app).await;
        assert_eq!(traces(&app).await, Vec::<String>::new());
    }

    async fn a_contact_on_legal_hold_stays(db: TestDb) {
        let (app, client) = start(db).await;
        let officer = officer(&app);
        let contact = person(&client, &named(&client, "Acme").await, "Li").await;
        let hold = format!("{}/legal-hold", path(&contact));
        let wrong = officer.put(&hold, &json!({ "reason": " ", "until": "2026-01-01" })).await.expect(422);
        assert_eq!(faults(&wrong), [("/reason", "blank"), ("/until", "not-in-the-future")]);
        let placed = officer.put(&hold, &json!({ "reason": "Dispute", "until": "2099-01-01" })).await.expect(200);
        insta::assert_json_snapshot!(redact(placed), @r#"
        {
          "contact_id": "[id]",
          "placed_at": "[time]",
          "placed_by": "user:officer",
          "reason": "Dispute",
          "until": "2099-01-01"
        }
        "#);
        assert_eq!(erase(&officer, &contact, "*").await.problem(), (409, "legal-hold"));
        let longer: LegalHold = officer.put(&hold, &json!({ "reason": "Dispute" })).await.read(200);
        assert_eq!(longer.until, None);
        officer.delete(&hold, "*").await.expect(204);
        assert_eq!(officer.delete(&hold, "*").await.problem(), (404, "legal-hold-not-found"));

        officer.put(&hold, &json!({ "reason": "Dispute", "until": "2099-01-01" })).await.expect(200);
        let mut tx = app.db.begin().await.expect("a transaction");
        assert_eq!(run(&mut tx, "UPDATE legal_holds SET until_day = '2026-01-01'").await, 1);
        tx.commit().await.expect("a commit");
        erase(&officer, &contact, "*").await.expect(200);
    }

    async fn all_that_is_known_of_a_person_is_one_answer(db: TestDb) {
        let (app, client) = start(db).await;
        let officer = officer(&app);
        let (contact, _) = known(&client, &named(&client, "Acme").await).await;
        client.get(&path(&contact)).await.expect(200);
        read_as(&officer, &contact, [("contact", 1)]).await;
        officer.put(&format!("{}/legal-hold", path(&contact)), &json!({ "reason": "Dispute" })).await.expect(200);
        let all = officer.get(&format!("{}/personal-data", path(&contact))).await;
        assert_eq!(all.header("cache-control"), Some("no-store"));
        let all = testkit::redact(redact(all.expect(200)), |name, _| (name == "day").then(|| "[day]".to_owned()));
        insta::assert_json_snapshot!(all, @r#"
        {
          "consents": [
            {
              "channel": "email",
              "contact_id": "[id]",
              "created_at": "[time]",
              "customer_id": "[id]",
              "decided_at": "[time]",
              "decision": "granted",
              "evidence": "https://example.com/ouyang.pdf",
              "id": "[id]",
              "purpose": "marketing",
              "recorded_by": "[actor]",
              "source": "Form of 欧阳震华",
              "text_version": "1"
            }
          ],
          "contact": {
            "contact_points": [
              {
                "kind": "email",
                "label": "home",
                "value": "ouyang@home.example"
              }
            ],
            "created_at": "[time]",
            "customer_id": "[id]",
            "email": "zh.ouyang@sample-mail.example",
            "erased_at": null,
            "id": "[id]",
            "language": "zh-HK",
            "mobile": "139 0000 1111",
            "name": "欧阳震华",
            "note": "Drinks oolong.",
            "phone": "+86 755 8888 7777",
            "preferred_channel": "im",
            "title": "CTO",
            "topics": [
              "curling"
            ],
            "updated_at": "[time]",
            "version": 1
          },
          "customers": [
            {
              "code": "C-000001",
              "id": "[id]",
              "name": "Acme"
            }
          ],
          "erasure": null,
          "holdings": [
            {
              "holding": {
                "contact_id": "[id]",
                "created_at": "[time]",
                "from": "2026-01-01",
                "id": "[id]",
                "position_id": "[id]",
                "until": null,
                "updated_at": "[time]",
                "version": 1
              },
              "title": "Head of networks"
            }
          ],
          "legal_hold": {
            "contact_id": "[id]",
            "placed_at": "[time]",
            "placed_by": "user:officer",
            "reason": "Dispute",
            "until": null
          },
          "reads": [
            {
              "actor": "user:0198a000-0000-7000-8000-000000000001",
              "contact_id": "[id]",
              "day": "[day]",
              "id": "[id]",
              "kind": "contact",
              "last_at": "[time]",
              "times": 1
            }
          ],
          "stances": [
            {
              "contact_id": "[id]",
              "created_at": "[time]",
              "customer_id": "[id]",
              "id": "[id]",
              "note": "Said so at the curling.",
              "opportunity_id": null,
              "position_id": "[id]",
              "read_by": "li.wei",
              "read_on": "2026-02-01",
              "stance": "champion"
            }
          ]
        }
        "#);
        let noted = "SELECT actor AS line FROM audit_entries WHERE action = 'contact.exported'".to_owned();
        assert_eq!(lines(&app.db, noted.clone(), noted).await, ["user:officer"]);
        read_as(&officer, &contact, [("contact", 1), ("personal_data", 1)]).await;
        let nobody = Contact { id: uuid::Uuid::now_v7().into(), ..contact };
        let unknown = officer.get(&format!("{}/personal-data", path(&nobody))).await;
        assert_eq!(unknown.problem(), (404, "contact-not-found"));
    }

    async fn who_reads_what_is_known_of_whom_is_kept(db: TestDb) {
        let (app, client) = start(db).await;
        let officer = officer(&app);
        let customer = named(&client, "Acme").await;
        let (contact, networks) = known(&client, &customer).await;
        let other = person(&client, &customer, "Ann").await;
        let of_contact = path(&contact);
        for read in [
            of_contact.clone(),
            of_contact.clone(),
            CONTACTS.to_owned(),
            format!("{CONTACTS}?q=ouyang"),
            "/api/v1/search?q=ouyang".to_owned(),
            format!("{CONTACTS}/export"),
            format!("{CONTACTS}/export?format=xlsx&columns=name"),
            format!("{CONTACTS}/vcards"),
            format!("{of_contact}/vcard"),
            format!("{of_contact}/consents"),
            format!("{}/decision-chain", at(&customer)),
            format!("/api/v1/positions/{}/stances", networks.id),
        ] {
            assert_eq!(client.get(&read).await.status, 200, "{read}");
        }
        let all = [("consents", 1), ("contact", 2), ("decision_chain", 2), ("export", 2), ("list", 3), ("vcard", 2)];
        read_as(&officer, &contact, all).await;
        read_as(&officer, &other, [("export", 2), ("list", 1), ("vcard", 1)]).await;

        let (items, pages) = all_pages(&officer, &format!("{of_contact}/reads?limit=1")).await;
        let items: Vec<ContactRead> = items.into_iter().map(|item| serde_json::from_value(item).expect("a read")).collect();
        assert_eq!((pages, items.len()), (all.len(), all.len()));
        assert!(items.is_sorted_by(|one, next| one.last_at >= next.last_at), "{items:?}");
        assert!(items.iter().all(|item| item.actor == "user:0198a000-0000-7000-8000-000000000001"));

        // What is read right before the service stops is kept as well.
        client.get(&path(&other)).await.expect(200);
        let (db, _bus) = app.stop().await;
        let kept = "SELECT kind AS line FROM contact_reads WHERE kind = 'contact'".to_owned();
        assert_eq!(lines(&db, kept.clone(), kept).await.len(), 2);
    }

    async fn reads_are_thrown_away_after_two_years(db: TestDb) {
        let (app, client) = start(db).await;
        let officer = officer(&app);
        let contact = person(&client, &named(&client, "Acme").await, "Li").await;
        client.get(&path(&contact)).await.expect(200);
        client.get(CONTACTS).await.expect(200);
        read_as(&officer, &contact, [("contact", 1), ("list", 1)]).await;
        let mut tx = app.db.begin().await.expect("a transaction");
        assert_eq!(run(&mut tx, "UPDATE contact_reads SET day = '2020-01-01' WHERE kind = 'list'").await, 1);
        tx.commit().await.expect("a commit");
        assert_eq!(registry::forget_reads(&app.db, Utc::now()).await.expect("a database"), 1);
        assert_eq!(reads(&officer, &contact).await, BTreeMap::from([("contact", 1)]));
    }
}
