use std::path::PathBuf;

use complaints_contract::{Complaint, ComplaintImport, ComplaintSummary, Count, ImportRow};
use registry_contract::v1::CustomerCreated;
use registry_contract::{CustomerId, Tier};
use reqwest::Method;
use serde_json::json;
use testkit::{Answer, Client, both};
use wire::Page;

use crate::support::{EVENTS, PATH, customer, key, redact, start};

const FILE: &str = "\u{feff}\
    Ticket,Title,Customer,Source,Priority,Opened,Status,Notes\r\n\
    1,Line down,Acme,Phone,urgent,2026-03-04 09:30,closed,x\r\n\
    2,\"Bill, wrong\",Acme,pigeon,7,soon,lost,y\r\n\
    3,,,,,,,\r\n\
    4,发票错误,大华,邮件,低,2026/03/05,处理中,\r\n\
    5,Too,few\r\n";

async fn import(client: &Client, query: &str, file: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(Method::POST, &format!("{PATH}/imports?{query}"));
    client.send(request.header("content-type", "text/csv").body(file)).await
}

fn counts(pairs: &[(&str, i64)]) -> Vec<Count> {
    pairs.iter().map(|(value, count)| Count { value: (*value).to_owned(), count: *count }).collect()
}

/// The file of the Consumer Financial Protection Bureau, where the data are.
fn cfpb() -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("GUANXI_DATA_DIR") else {
        println!("not run: GUANXI_DATA_DIR names no folder of data");
        return None;
    };
    let path = PathBuf::from(folder).join("complaints/cfpb_first3000.csv");
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

both! {
    async fn good_rows_are_taken_and_bad_ones_kept_with_their_faults(db: TestDb) {
        let (_app, client) = start(db).await;
        let answer = import(&client, "system=desk", FILE).await;
        let location = answer.header("location").expect("a location").to_owned();
        let done: ComplaintImport = answer.clone().read(201);
        insta::assert_json_snapshot!(redact(answer.body), @r#"
        {
          "by": "user:0198a000-0000-7000-8000-000000000001",
          "by_channel": [
            {
              "count": 1,
              "value": "email"
            },
            {
              "count": 1,
              "value": "phone"
            }
          ],
          "columns": [
            {
              "column": "Ticket",
              "field": "external_id"
            },
            {
              "column": "Title",
              "field": "subject"
            },
            {
              "column": "Customer",
              "field": "customer_external"
            },
            {
              "column": "Source",
              "field": "channel"
            },
            {
              "column": "Priority",
              "field": "severity"
            },
            {
              "column": "Opened",
              "field": "received_at"
            },
            {
              "column": "Status",
              "field": "state"
            },
            {
              "column": "Notes",
              "field": null
            }
          ],
          "created": 2,
          "finished_at": "[time]",
          "id": "[id]",
          "reason": null,
          "refused": 3,
          "rows": 5,
          "started_at": "[time]",
          "state": "completed",
          "unchanged": 0,
          "updated": 0,
          "version": 3
        }
        "#);
        assert_eq!(client.get(&location).await.read::<ComplaintImport>(200), done);

        let rows: Page<ImportRow> = client.get(&format!("{location}/rows?limit=4&count=exact")).await.read(200);
        assert_eq!((rows.items.len(), rows.count), (4, Some(5)));
        let next = rows.next_cursor.expect("a next page");
        let rest: Page<ImportRow> = client.get(&format!("{location}/rows?limit=4&cursor={next}")).await.read(200);
        assert_eq!(rest.items[0].row, 6);
        let refused = client.get(&format!("{location}/rows?outcome=refused")).await;
        insta::assert_json_snapshot!(redact(refused.expect(200)), @r#"
        {
          "items": [
            {
              "complaint_id": null,
              "errors": [
                {
                  "code": "not-understood",
                  "message": "says nothing that can be read here",
                  "pointer": "/channel"
                },
                {
                  "code": "not-understood",
                  "message": "says nothing that can be read here",
                  "pointer": "/received_at"
                },
                {
                  "code": "not-understood",
                  "message": "says nothing that can be read here",
                  "pointer": "/progress/state"
                },
                {
                  "code": "out-of-range",
                  "message": "must be from 1 to 4",
                  "pointer": "/severity"
                }
              ],
              "id": "[id]",
              "outcome": "refused",
              "row": 3
            },
            {
              "complaint_id": null,
              "errors": [
                {
                  "code": "blank",
                  "message": "must not be blank",
                  "pointer": "/subject"
                }
              ],
              "id": "[id]",
              "outcome": "refused",
              "row": 4
            },
            {
              "complaint_id": null,
              "errors": [
                {
                  "code": "column-count",
                  "message": "has 3 cells, the header has 8",
                  "pointer": ""
                }
              ],
              "id": "[id]",
              "outcome": "refused",
              "row": 6
            }
          ],
          "next_cursor": null
        }
        "#);
        let report = client.get(&format!("{location}/errors.csv")).await;
        assert_eq!(report.header("content-type"), Some("text/csv; charset=utf-8"));
        insta::assert_snapshot!(report.body.as_str().expect("text").replace('\r', ""), @r#"
        row,pointer,code,message,Ticket,Title,Customer,Source,Priority,Opened,Status,Notes
        3,/channel,not-understood,says nothing that can be read here,2,"Bill, wrong",Acme,pigeon,7,soon,lost,y
        3,/received_at,not-understood,says nothing that can be read here,2,"Bill, wrong",Acme,pigeon,7,soon,lost,y
        3,/progress/state,not-understood,says nothing that can be read here,2,"Bill, wrong",Acme,pigeon,7,soon,lost,y
        3,/severity,out-of-range,must be from 1 to 4,2,"Bill, wrong",Acme,pigeon,7,soon,lost,y
        4,/subject,blank,must not be blank,3,,,,,,,
        6,,column-count,"has 3 cells, the header has 8",5,Too,few
        "#);

        let page: Page<Complaint> = client.get(&format!("{PATH}?sort=received_at")).await.read(200);
        let subjects: Vec<_> = page.items.iter().map(|complaint| complaint.subject.as_str()).collect();
        assert_eq!(subjects, ["Line down", "发票错误"]);
        assert_eq!(page.items[0].customer_external, Some(key("desk", "Acme")));
    }

    async fn a_file_taken_in_again_changes_nothing(db: TestDb) {
        let (app, client) = start(db).await;
        let first: ComplaintImport = import(&client, "system=desk", FILE).await.read(201);
        let complaints = client.get(PATH).await.expect(200);
        app.drain_outbox().await;
        let tap = app.bus.tap(EVENTS).await;
        let again: ComplaintImport = import(&client, "system=desk", FILE).await.read(201);
        assert_eq!((again.created, again.updated, again.unchanged, again.refused), (0, 0, 2, 3));
        assert_eq!(again.by_channel, first.by_channel);
        assert_eq!(client.get(PATH).await.expect(200), complaints);
        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), 0);
    }

    async fn a_file_that_cannot_be_read_is_refused_whole(db: TestDb) {
        let (_app, client) = start(db).await;
        assert_eq!(import(&client, "", "").await.problem(), (422, "file-invalid"));
        assert_eq!(import(&client, "", &b"\xff\xfe\n"[..]).await.problem(), (422, "file-invalid"));
        let refused = import(&client, "map=Gone:subject,When:colour", "Ticket,When\n1,2\n").await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "file-invalid",
          "detail": "the file cannot be read as complaints",
          "errors": [
            {
              "code": "unknown-column",
              "message": "the file has no column `Gone`",
              "pointer": "?map"
            },
            {
              "code": "unknown-field",
              "message": "complaints have no field `colour`",
              "pointer": "?map"
            },
            {
              "code": "missing",
              "message": "say which system's keys the file holds",
              "pointer": "?system"
            },
            {
              "code": "subject-unmapped",
              "message": "no column fills `subject`; say which does, such as map=Summary:subject",
              "pointer": "?map"
            }
          ],
          "instance": "/api/v1/complaints/imports",
          "status": 422,
          "title": "File invalid",
          "trace_id": "[trace]",
          "type": "/problems/file-invalid"
        }
        "#);
        let request = client.request(Method::POST, &format!("{PATH}/imports")).json(&json!({}));
        assert_eq!(client.send(request).await.problem(), (415, "media-type-unsupported"));
        let nowhere = format!("{PATH}/imports/{}", uuid::Uuid::now_v7());
        for path in [nowhere.clone(), format!("{nowhere}/rows"), format!("{nowhere}/errors.csv")] {
            assert_eq!(client.get(&path).await.problem(), (404, "import-not-found"), "{path}");
        }
        assert_eq!(client.count(PATH).await, 0);
    }

    async fn a_request_that_is_repeated_goes_on_where_it_broke_off(db: TestDb) {
        let (_app, client) = start(db).await;
        let send = |file: String| {
            let pieces = futures::stream::iter([Ok::<_, std::io::Error>(file)]);
            let request = client.request(Method::POST, &format!("{PATH}/imports"));
            let request = request.header("content-type", "text/csv").header("idempotency-key", "k1");
            client.send(request.body(reqwest::Body::wrap_stream(pieces)))
        };
        let open_quote = format!("\"{}", "x".repeat(2 << 20));
        let whole: String = std::iter::once("title\n".to_owned()).chain((0..250).map(|n| format!("N{n}\n"))).collect();
        let half: String = whole.split_inclusive('\n').take(231).chain([open_quote.as_str()]).collect();
        let broken: ComplaintImport = send(half).await.read(201);
        assert_eq!((json!(broken.state), broken.rows), (json!("interrupted"), 230));
        let done: ComplaintImport = send(whole.clone()).await.read(201);
        assert_eq!((done.id, json!(done.state), done.reason.clone()), (broken.id, json!("completed"), None));
        assert_eq!((done.rows, done.created), (250, 250));
        assert_eq!(client.count(PATH).await, 250);
        assert_eq!(client.count(&format!("{PATH}/imports/{}/rows", done.id)).await, 250);
        assert_eq!(send(whole).await.read::<ComplaintImport>(201), done);
    }

    async fn a_file_that_breaks_off_keeps_what_came_before(db: TestDb) {
        let (_app, client) = start(db).await;
        let mut file = b"title\nFirst\n\"".to_vec();
        file.resize(file.len() + (2 << 20), b'x');
        let done: ComplaintImport = import(&client, "", file).await.read(201);
        assert_eq!((done.created, done.rows), (1, 1));
        assert_eq!(json!(done.state), "interrupted");
        assert!(done.reason.expect("a reason").contains("quotation mark"));
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn real_data_of_the_bureau_are_taken_in_whole(db: TestDb) {
        let Some(file) = cfpb() else { return };
        let (app, client) = start(db).await;
        let done: ComplaintImport = import(&client, "", file.clone()).await.read(201);
        assert_eq!((done.rows, done.created, done.refused), (3000, 3000, 0));
        let channels = counts(&[("fax", 34), ("phone", 149), ("postal_mail", 137), ("referral", 258), ("web", 2422)]);
        assert_eq!(done.by_channel, channels);
        assert_eq!(json!(done.state), "completed");

        let summary: ComplaintSummary =
            client.get(&format!("{PATH}/summary?external_system=cfpb")).await.read(200);
        assert_eq!(summary, ComplaintSummary {
            total: 3000,
            by_state: counts(&[("acknowledged", 773), ("closed", 2227)]),
            by_channel: channels.clone(),
            by_severity: counts(&[("3", 3000)]),
            by_timely: counts(&[("false", 8), ("true", 2992)]),
        });

        let one: Complaint = client.get(&format!("{PATH}?external_system=cfpb&received_until=2014-10-25T00:00:00Z&limit=1"))
            .await.read::<Page<Complaint>>(200).items.remove(0);
        assert!(one.customer_external.is_some_and(|company| company.system == "cfpb"));

        let companies = by_company(&client).await;
        assert_eq!(companies.len(), 433);
        let mut largest: Vec<_> = companies.into_iter().collect();
        largest.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.clone()));
        let largest: Vec<_> = largest.iter().take(3).map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(largest, [("Equifax", 285), ("TransUnion", 240), ("Experian", 223)]);

        let again: ComplaintImport = import(&client, "", file).await.read(201);
        assert_eq!((again.rows, again.created, again.updated, again.unchanged), (3000, 0, 0, 3000));
        assert_eq!(again.by_channel, channels);

        let mut company = customer("C-000001");
        (company.external_ids, company.tier) = (vec![key("cfpb", "TransUnion")], Tier::B);
        app.deliver(&CustomerCreated(company.clone())).await;
        let linked: ComplaintSummary = of(&client, company.customer_id).await;
        assert_eq!(linked.total, 240);
    }
}

/// How many complaints each company has, counted from the list.
async fn by_company(client: &Client) -> std::collections::BTreeMap<String, usize> {
    let mut companies = std::collections::BTreeMap::new();
    for page in client.pages(&format!("{PATH}?external_system=cfpb&limit=200")).await {
        for item in page["items"].as_array().into_iter().flatten() {
            let company = item["customer_external"]["id"].as_str().expect("a company").to_owned();
            *companies.entry(company).or_default() += 1;
        }
    }
    companies
}

async fn of(client: &Client, customer: CustomerId) -> ComplaintSummary {
    client.get(&format!("{PATH}/summary?customer_id={customer}")).await.read(200)
}
