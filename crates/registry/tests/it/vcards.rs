use registry_contract::{CardOutcome, Contact, Customer, VCardImport, v1};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;
use testkit::{Answer, Client, both};
use uuid::Uuid;

use crate::merges::lines;
use crate::support::{CONTACTS, at, faults, named, person, redact, start};

const CARDS: &str = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E;=E4=BC=9F;;;\r\n\
    TEL;CELL:139 0000 0000\r\nPHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\n\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:4.0\r\nNOTE:Who is this?\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nEMAIL:ann@example.com\r\nTEL:call me\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:3.0\r\nFN:ANN\r\nEMAIL:ANN@example.com\r\nEND:VCARD\r\n";

pub async fn send(client: &Client, customer: &Customer, media: &str, file: impl Into<reqwest::Body>) -> Answer {
    let path = format!("{}/contacts/vcards", at(customer));
    client.send(client.request(Method::POST, &path).header(CONTENT_TYPE, media).body(file)).await
}

both! {
    async fn cards_become_contacts_and_each_tells_what_became_of_it(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let tap = app.bus.tap(&[v1::CONTACT_CREATED]).await;
        let answer = send(&client, &customer, "text/vcard", CARDS).await.expect(200);
        insta::assert_json_snapshot!(redact(answer), @r#"
        {
          "cards": 4,
          "created": 2,
          "existing": 1,
          "failed": 1,
          "results": [
            {
              "card": 0,
              "contact": {
                "contact_points": [],
                "created_at": "[time]",
                "customer_id": "[id]",
                "email": null,
                "erased_at": null,
                "id": "[id]",
                "language": null,
                "mobile": "139 0000 0000",
                "name": "李伟",
                "note": null,
                "phone": null,
                "preferred_channel": null,
                "title": null,
                "topics": [],
                "updated_at": "[time]",
                "version": 1
              },
              "outcome": "created",
              "warnings": [
                {
                  "code": "picture_skipped",
                  "property": "PHOTO"
                }
              ]
            },
            {
              "card": 1,
              "outcome": "failed",
              "problem": {
                "code": "fields-invalid",
                "detail": "1 of the values sent cannot be taken",
                "errors": [
                  {
                    "code": "blank",
                    "message": "must not be blank",
                    "pointer": "/name"
                  }
                ],
                "status": 422,
                "title": "Fields invalid",
                "type": "/problems/fields-invalid"
              },
              "warnings": []
            },
            {
              "card": 2,
              "contact": {
                "contact_points": [],
                "created_at": "[time]",
                "customer_id": "[id]",
                "email": "ann@example.com",
                "erased_at": null,
                "id": "[id]",
                "language": null,
                "mobile": null,
                "name": "Ann",
                "note": null,
                "phone": null,
                "preferred_channel": null,
                "title": null,
                "topics": [],
                "updated_at": "[time]",
                "version": 1
              },
              "outcome": "created",
              "warnings": [
                {
                  "code": "unusable",
                  "property": "TEL"
                }
              ]
            },
            {
              "card": 3,
              "contact": {
                "contact_points": [],
                "created_at": "[time]",
                "customer_id": "[id]",
                "email": "ann@example.com",
                "erased_at": null,
                "id": "[id]",
                "language": null,
                "mobile": null,
                "name": "Ann",
                "note": null,
                "phone": null,
                "preferred_channel": null,
                "title": null,
                "topics": [],
                "updated_at": "[time]",
                "version": 1
              },
              "outcome": "existing",
              "warnings": []
            }
          ]
        }
        "#);
        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), 2);

        let again: VCardImport = send(&client, &customer, "text/x-vcard; charset=utf-8", CARDS).await.read(200);
        assert_eq!((again.cards, again.created, again.existing, again.failed), (4, 0, 3, 1));
        assert_eq!(client.count(CONTACTS).await, 2);
    }

    async fn a_repeated_file_answers_as_before(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let path = format!("{}/contacts/vcards", at(&customer));
        let send = || {
            let request = client.request(Method::POST, &path).header(CONTENT_TYPE, "text/vcard");
            client.send(request.header("idempotency-key", "k1").body(CARDS))
        };
        let (first, second) = (send().await.expect(200), send().await.expect(200));
        assert_eq!(first, second);
        assert_eq!(client.count(CONTACTS).await, 2);
    }

    async fn files_that_are_none_are_refused(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        assert_eq!(send(&client, &customer, "application/json", "{}").await.problem(), (415, "media-type-unsupported"));
        for none in ["", "hello", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"] {
            assert_eq!(send(&client, &customer, "text/vcard", none).await.problem(), (422, "vcard-unreadable"), "{none}");
        }
        let many = "BEGIN:VCARD\nFN:A\nEND:VCARD\n".repeat(1001);
        assert_eq!(faults(&send(&client, &customer, "text/vcard", many).await.expect(422)), [("", "too-many")]);
        let long = format!("BEGIN:VCARD\nFN:A\nNOTE:{}\nEND:VCARD\n", "x".repeat(1024 * 1024));
        assert_eq!(send(&client, &customer, "text/vcard", long).await.status, 413);
        assert_eq!(client.count(CONTACTS).await, 0);
        let nobody = Customer { id: Uuid::now_v7().into(), ..customer };
        assert_eq!(send(&client, &nobody, "text/vcard", CARDS).await.problem(), (404, "customer-not-found"));
    }

    async fn contacts_leave_as_cards_and_come_back_as_they_were(db: TestDb) {
        let (app, client) = start(db).await;
        let (acme, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        let contact = json!({
            "customer_id": acme.id, "name": "李伟, CTO", "title": "CTO; 研发", "email": "li@example.com", "phone": "0755 1",
            "mobile": "139 1111", "contact_points": [{ "kind": "email", "label": "home", "value": "li@home.cn" }],
            "language": "zh-CN", "topics": ["5g"], "note": "One\nTwo",
        });
        let contact: Contact = client.post(CONTACTS, &contact).await.read(201);
        person(&client, &acme, "Ann").await;
        person(&client, &other, "Bob").await;
        let one = client.get(&format!("{CONTACTS}/{}/vcard?version=3.0", contact.id)).await;
        assert_eq!(one.header("content-type"), Some("text/vcard; charset=utf-8"));
        assert!(one.body.as_str().is_some_and(|text| text.contains("VERSION:3.0\r\n")), "{one}");

        let third = named(&client, "Third").await;
        for version in ["2.1", "3.0", "4.0"] {
            let path = format!("{CONTACTS}/vcards?customer_id={}&version={version}", acme.id);
            let file = client.get(&path).await.expect(200).as_str().expect("cards").to_owned();
            assert_eq!(file.matches("BEGIN:VCARD").count(), 2);
            assert!(file.contains(&format!("VERSION:{version}\r\n")) && (version != "2.1" || file.is_ascii()), "{file}");
            let back: VCardImport = send(&client, &third, "text/vcard", file).await.read(200);
            let expected = if version == "2.1" { CardOutcome::Created } else { CardOutcome::Existing };
            assert!(back.results.iter().all(|result| result.outcome == expected && result.warnings.is_empty()), "{back:?}");
            let copy = back.results[0].contact.clone().expect("a contact");
            let same = Contact { customer_id: third.id, id: copy.id, created_at: copy.created_at, updated_at: copy.updated_at, ..contact.clone() };
            assert_eq!(copy, same);
        }
        let all = client.get(&format!("{CONTACTS}/vcards")).await.expect(200);
        assert_eq!(all.as_str().map(|text| text.matches("BEGIN:VCARD").count()), Some(5));
        let noted = "SELECT action AS line FROM audit_entries WHERE action = 'contacts.exported'".to_owned();
        assert_eq!(lines(&app.db, noted.clone(), noted).await.len(), 4, "who took them out of the house can be asked");
        let unknown = client.get(&format!("{CONTACTS}/{}/vcard", Uuid::now_v7())).await;
        assert_eq!(unknown.problem(), (404, "contact-not-found"));
        assert_eq!(client.get(&format!("{CONTACTS}/vcards?version=2.0")).await.problem(), (400, "query-invalid"));
    }

    async fn contacts_of_cards_are_found_at_once_while_an_import_goes_ahead(db: TestDb) {
        let (app, client) = start(db).await;
        let ahead = app.context().db.begin_bulk();
        let customer = named(&client, "Acme").await;
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:李伟\r\nTEL;TYPE=CELL:+86 139 1234 5678\r\nEND:VCARD\r\n";
        send(&client, &customer, "text/vcard", card).await.expect(200);
        for words in ["liwei", "李", "13912345678"] {
            let found = client.get(&format!("{CONTACTS}?q={words}")).await.expect(200);
            assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{words}: {found}");
        }
        drop(ahead);
    }
}
