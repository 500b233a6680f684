use complaints_contract::{Cause, CauseState, Complaint};
use serde_json::{Value, json};
use testkit::{Client, both};
use uuid::Uuid;

use crate::support::{LEAD, PATH, grievance, introduce, open, redact, start, with};

const PARETO: &str = "/api/v1/cause-pareto";

async fn because(client: &Client, complaint: &Complaint, cause: Value) -> Cause {
    client.post(&format!("{PATH}/{}/causes", complaint.id), &cause).await.read(201)
}

async fn about(client: &Client, customer: &str, product: &str) -> Complaint {
    open(client, &with(grievance(), json!({"customer_id": customer, "product": product}))).await
}

/// A complaint received on that day of 2026, with its root cause.
async fn rooted(client: &Client, day: &str, label: &str, over: Value) -> Complaint {
    let received = json!({"received_at": format!("2026-{day}T04:00:00Z")});
    let complaint = open(client, &with(with(grievance(), received), over)).await;
    let cause = json!({"category": "product", "text": "As found", "label": label, "state": "root"});
    because(client, &complaint, cause).await;
    complaint
}

both! {
    async fn five_whys_lead_from_a_rib_to_the_root(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let mut above: Option<Cause> = None;
        for why in ["Line card failed", "It ran hot", "The fan stood still", "Dust", "Nobody cleans the filters"] {
            let mut body = json!({"text": why});
            match &above {
                Some(above) => body["parent_id"] = json!(above.id),
                None => body["category"] = json!("parts"),
            }
            above = Some(because(&client, &complaint, body).await);
        }
        let deepest = above.expect("five of them");
        assert_eq!(deepest.depth, 5);
        let at = format!("/api/v1/complaint-causes/{}", deepest.id);
        let patch = json!({"state": "root", "label": "No maintenance plan"});
        let root = client.patch(&at, "\"1\"", &patch).await;
        assert_eq!(root.etag(), "\"2\"");
        insta::assert_json_snapshot!(redact(client.get(&at).await.expect(200)), @r#"
        {
          "category": "parts",
          "complaint_id": "[id]",
          "created_at": "[time]",
          "depth": 5,
          "id": "[id]",
          "label": "No maintenance plan",
          "parent_id": "[id]",
          "state": "root",
          "text": "Nobody cleans the filters",
          "updated_at": "[time]",
          "version": 2
        }
        "#);
        client.patch(&at, "\"1\"", &json!({"state": "dismissed"})).await.expect(412);

        let listed = client.get(&format!("{PATH}/{}/causes", complaint.number)).await.expect(200);
        let depths: Vec<_> = listed["items"].as_array().expect("items").iter().map(|cause| &cause["depth"]).collect();
        assert_eq!(depths, [1, 2, 3, 4, 5]);
    }

    async fn a_cause_that_cannot_stand_there_is_refused_with_every_fault(db: TestDb) {
        let (_app, client) = start(db).await;
        let (complaint, other) = (open(&client, &grievance()).await, open(&client, &grievance()).await);
        let foreign = because(&client, &other, json!({"category": "people", "text": "Haste"})).await;
        let refused = client
            .post(&format!("{PATH}/{}/causes", complaint.id), &json!({"parent_id": foreign.id, "text": "\u{7}", "label": " "}))
            .await;
        let problem = refused.expect(422);
        let faults: Vec<_> = problem["errors"].as_array().expect("errors").iter().map(|e| (&e["pointer"], &e["code"])).collect();
        assert_eq!(
            faults.into_iter().map(|(pointer, code)| format!("{pointer}{code}")).collect::<Vec<_>>(),
            [r#""/parent_id""unknown-cause""#, r#""/label""blank""#, r#""/text""control-character""#]
        );
        let nobody = format!("/api/v1/complaint-causes/{}", Uuid::now_v7());
        assert_eq!(client.get(&nobody).await.problem(), (404, "cause-not-found"));
        assert_eq!(client.patch(&nobody, "*", &json!({"text": "?"})).await.problem(), (404, "cause-not-found"));
        assert_eq!(client.count(&format!("{PATH}/{}/causes", complaint.id)).await, 0);
    }

    async fn the_same_root_is_counted_over_complaints_and_recurrences(db: TestDb) {
        let (app, client) = start(db).await;
        for code in ["C-000001", "C-000002"] {
            introduce(&app, code).await;
        }
        for (customer, product, label) in [
            ("C-000001", "Router", "Fan"),
            ("C-000001", "Router", "Fan"),
            ("C-000002", "Router", "Fan"),
            ("C-000002", "Switch", "Firmware"),
        ] {
            let complaint = about(&client, customer, product).await;
            let cause = json!({"category": "product", "text": "As found", "label": label, "state": "root"});
            because(&client, &complaint, cause).await;
            because(&client, &complaint, json!({"category": "people", "text": "Perhaps"})).await;
        }
        let pareto = client.get(&format!("{PARETO}?by=label")).await.expect(200);
        insta::assert_json_snapshot!(pareto, @r#"
        {
          "by": "label",
          "complaints": 4,
          "period": "whole",
          "periods": [],
          "rows": [
            {
              "category": "product",
              "change": null,
              "complaints": 3,
              "cumulative_bp": 7500,
              "linked_recurrences": 0,
              "rank": 1,
              "recurrences": 1,
              "share_bp": 7500,
              "value": "Fan"
            },
            {
              "category": "product",
              "change": null,
              "complaints": 1,
              "cumulative_bp": 10000,
              "linked_recurrences": 0,
              "rank": 2,
              "recurrences": 0,
              "share_bp": 2500,
              "value": "Firmware"
            }
          ]
        }
        "#);
        let by_product = client.get(&format!("{PARETO}?by=product")).await.expect(200);
        assert_eq!(by_product["rows"][0]["value"], "Router");
        let none = client.get(&format!("{PARETO}?received_until=2020-01-01T00:00:00Z")).await.expect(200);
        assert_eq!((&none["complaints"], &none["rows"]), (&json!(0), &json!([])));
    }

    async fn months_tell_what_an_improvement_did(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        for (day, label) in [("01-10", "Fan"), ("02-10", "Fan"), ("02-11", "=cmd()"), ("03-10", "Fan")] {
            rooted(&client, day, label, json!({"customer_id": "C-000001"})).await;
        }
        let span = "by=label&period=month&received_from=2026-01-31T16:00:00Z&received_until=2026-03-31T16:00:00Z";
        let pareto = client.get(&format!("{PARETO}?{span}")).await.expect(200);
        assert_eq!((&pareto["complaints"], pareto["rows"].as_array().map(Vec::len)), (&json!(3), Some(2)));
        insta::assert_json_snapshot!(&pareto["periods"], @r#"
        [
          {
            "complaints": 2,
            "period_from": "2026-01-31T16:00:00Z",
            "period_to": "2026-02-28T16:00:00Z",
            "rows": [
              {
                "category": "product",
                "change": 1,
                "complaints": 1,
                "cumulative_bp": 5000,
                "linked_recurrences": 0,
                "rank": 1,
                "recurrences": 0,
                "share_bp": 5000,
                "value": "=cmd()"
              },
              {
                "category": "product",
                "change": 0,
                "complaints": 1,
                "cumulative_bp": 10000,
                "linked_recurrences": 0,
                "rank": 1,
                "recurrences": 0,
                "share_bp": 5000,
                "value": "Fan"
              }
            ]
          },
          {
            "complaints": 1,
            "period_from": "2026-02-28T16:00:00Z",
            "period_to": "2026-03-31T16:00:00Z",
            "rows": [
              {
                "category": "product",
                "change": 0,
                "complaints": 1,
                "cumulative_bp": 10000,
                "linked_recurrences": 0,
                "rank": 1,
                "recurrences": 1,
                "share_bp": 10000,
                "value": "Fan"
              },
              {
                "category": "product",
                "change": -1,
                "complaints": 0,
                "cumulative_bp": 10000,
                "linked_recurrences": 0,
                "rank": 2,
                "recurrences": 0,
                "share_bp": 0,
                "value": "=cmd()"
              }
            ]
          }
        ]
        "#);

        let csv = client.get(&format!("{PARETO}?{span}&format=csv")).await;
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        let text = csv.body.as_str().expect("CSV");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert_eq!(
            lines[0],
            "period_from,period_to,rank,category,value,complaints,change,recurrences,linked_recurrences,share_bp,cumulative_bp"
        );
        let (begin, end) = ("2026-02-28T16:00:00+00:00", "2026-03-31T16:00:00+00:00");
        assert_eq!(lines[3], format!("{begin},{end},1,product,Fan,1,0,1,0,10000,10000"));
        assert_eq!(lines[4], format!("{begin},{end},2,product,\"'=cmd()\",0,-1,0,0,0,10000"));
        let whole = client.get(&format!("{PARETO}?by=category&format=csv")).await;
        let text = whole.body.as_str().expect("CSV");
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), [",,1,product,,4,,3,0,10000,10000"]);
    }

    async fn a_span_that_cannot_be_cut_is_refused(db: TestDb) {
        let (_app, client) = start(db).await;
        let pointers = async |query: &str| {
            let refused = client.get(&format!("{PARETO}?{query}")).await;
            assert_eq!(refused.problem(), (422, "complaint-invalid"));
            let errors = refused.body["errors"].as_array().cloned().unwrap_or_default();
            errors.iter().map(|error| error["pointer"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(pointers("period=week").await, ["?received_from", "?received_until"]);
        assert_eq!(pointers("time_zone=Mars").await, ["?time_zone"]);
        let years = "received_from=2000-01-01T00:00:00Z&received_until=2026-01-01T00:00:00Z&period=month";
        assert_eq!(pointers(years).await, ["?received_until"]);
        assert_eq!(client.get(&format!("{PARETO}?period=day")).await.problem(), (400, "query-invalid"));
    }

    async fn what_is_linked_as_a_recurrence_is_counted_where_it_recurred(db: TestDb) {
        let (app, client) = start(db).await;
        let head = app.client(&[LEAD, &["complaints:restricted"]].concat());
        let first = rooted(&client, "01-10", "Fan", json!({})).await;
        let second = rooted(&client, "02-10", "Fan", json!({})).await;
        let third = rooted(&client, "03-10", "Firmware", json!({})).await;
        let secret = rooted(&head, "01-20", "Fan", json!({"about_staff": "li.wei"})).await;
        let link = async |from: &Complaint, to: &Complaint, relation: &str| {
            let body = json!({"to": to.id, "relation": relation});
            head.post(&format!("{PATH}/{}/links", from.id), &body).await.expect(201);
        };
        let linked = async |client: &Client| {
            let pareto = client.get(&format!("{PARETO}?by=label&received_from=2026-01-31T16:00:00Z")).await.expect(200);
            let rows = pareto["rows"].as_array().cloned().unwrap_or_default();
            rows.iter()
                .map(|row| (row["value"].as_str().unwrap_or_default().to_owned(), row["linked_recurrences"].as_i64()))
                .collect::<Vec<_>>()
        };
        let counted = |fan, firmware| vec![("Fan".to_owned(), Some(fan)), ("Firmware".to_owned(), Some(firmware))];
        link(&second, &first, "related").await;
        assert_eq!(linked(&client).await, counted(0, 0));
        link(&second, &first, "recurrence").await;
        assert_eq!(linked(&client).await, counted(1, 0), "of one before the span");
        // Set from the earlier one, and of another cause; and each complaint once.
        link(&second, &third, "recurrence").await;
        link(&third, &first, "recurrence").await;
        assert_eq!(linked(&client).await, counted(1, 1));

        link(&second, &first, "related").await;
        link(&second, &secret, "recurrence").await;
        assert_eq!(linked(&client).await, counted(0, 1), "nothing tells of what may not be seen");
        assert_eq!(linked(&head).await, counted(1, 1));
    }

    async fn two_who_mark_a_root_at_once_do_not_both(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let above = because(&client, &complaint, json!({"category": "process", "text": "Late"})).await;
        let below = because(&client, &complaint, json!({"parent_id": above.id, "text": "No stock"})).await;
        let marks = [above, below].map(|cause| {
            let client = &client;
            async move {
                let at = format!("/api/v1/complaint-causes/{}", cause.id);
                client.patch(&at, "*", &json!({"state": CauseState::Root})).await.status
            }
        });
        let mut answers = futures::future::join_all(marks).await;
        answers.sort_unstable();
        assert_eq!(answers, [200, 422]);
    }
}
