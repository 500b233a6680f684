use futures::future::join_all;
use registry_contract::{Customer, Position, Vendor, VendorStructure, v1};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::{Answer, Client, both};
use uuid::Uuid;

use crate::merges::{merge, unmerge};
use crate::support::{all_pages, at, faults, named, redact, start};

pub async fn vendor(client: &Client, customer: &Customer, kind: &str, name: &str) -> Vendor {
    let new = json!({ "kind": kind, "name": name });
    client.post(&format!("{}/vendors", at(customer)), &new).await.read(201)
}

pub fn shares(customer: &Customer, period: &str) -> String {
    format!("{}/vendor-shares/{period}", at(customer))
}

pub async fn record(client: &Client, path: &str, etag: &str, body: &Value) -> Answer {
    client.send(client.request(Method::PUT, path).header(IF_MATCH, etag).json(body)).await
}

pub fn routers(holders: &[(&Vendor, i32)]) -> Value {
    let shares: Vec<_> = holders.iter().map(|(vendor, bp)| json!({ "vendor_id": vendor.id, "share_bp": bp })).collect();
    let wallet = json!({ "amount": "1000000.00", "currency": "CNY" });
    json!({ "lines": [{ "product_line": "Routers", "wallet": wallet, "shares": shares }] })
}

both! {
    async fn vendors_are_kept_with_whom_they_know(db: TestDb) {
        let (_app, client) = start(db).await;
        let (customer, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        let seat: Position = client.post(&format!("{}/positions", at(&customer)), &json!({ "title": "CTO" })).await.read(201);
        let path = format!("{}/vendors", at(&customer));
        let created = client.post(&path, &json!({
            "name": " Rival ", "strengths": ["price"], "relations": [{ "position_id": seat.id, "note": "golf" }],
        })).await;
        let location = created.header("location").expect("a location").to_owned();
        let rival: Vendor = created.clone().read(201);
        assert_eq!(client.get(&location).await.read::<Vendor>(200), rival);
        insta::assert_json_snapshot!(redact(created.body), @r#"
        {
          "created_at": "[time]",
          "customer_id": "[id]",
          "id": "[id]",
          "kind": "competitor",
          "name": "Rival",
          "note": null,
          "relations": [
            {
              "note": "golf",
              "position_id": "[id]"
            }
          ],
          "same_as": null,
          "strengths": [
            "price"
          ],
          "updated_at": "[time]",
          "version": 1,
          "weaknesses": []
        }
        "#);
        let changed: Vendor = client.patch(&location, "\"1\"", &json!({ "weaknesses": ["service"] })).await.read(200);
        assert_eq!((changed.version, &changed.relations), (2, &rival.relations));
        assert_eq!(client.patch(&location, "\"1\"", &json!({ "note": "x" })).await.problem(), (412, "version-stale"));
        let same: Vendor = client.patch(&location, "*", &json!({ "name": "Rival" })).await.read(200);
        assert_eq!(same.version, 2, "nothing to change changes nothing");

        vendor(&client, &customer, "self", "Us").await;
        vendor(&client, &other, "self", "Us").await;
        let twice = client.post(&path, &json!({ "kind": "self", "name": "ＲＩＶＡＬ" })).await.expect(422);
        assert_eq!(faults(&twice), [("/name", "not-unique"), ("/kind", "not-unique")]);
        let far: Position = client.post(&format!("{}/positions", at(&other)), &json!({ "title": "CEO" })).await.read(201);
        let wrong = json!({ "name": "x", "strengths": [" "], "relations": [{ "position_id": far.id, "note": "" }] });
        let refused = client.post(&path, &wrong).await.expect(422);
        assert_eq!(faults(&refused), [("/relations/0/note", "too-short")]);
        let wrong = json!({ "name": "x", "strengths": [" "], "relations": [{ "position_id": far.id, "note": " " }] });
        let refused = client.post(&path, &wrong).await.expect(422);
        assert_eq!(faults(&refused), [
            ("/strengths/0", "blank"), ("/relations/0/note", "blank"), ("/relations/0/position_id", "unknown-position"),
        ]);
        let (names, pages) = all_pages(&client, &format!("{path}?limit=1")).await;
        assert_eq!((names[0]["name"].as_str(), names[1]["name"].as_str(), pages), (Some("Rival"), Some("Us"), 2));
        assert_eq!(client.count(&path).await, 2);
        let unknown = Uuid::now_v7();
        assert_eq!(client.get(&format!("/api/v1/vendors/{unknown}")).await.problem(), (404, "vendor-not-found"));
        assert_eq!(client.get(&format!("/api/v1/customers/{unknown}/vendors")).await.problem(), (404, "customer-not-found"));
    }

    /// Each of two customers that become one has us and a rival among its vendors.
    async fn of_two_vendors_one_can_be_made_after_a_merge(db: TestDb) {
        let (app, client) = start(db).await;
        let merger = app.client(&["customers:read", "customers:write", "customers:merge"]);
        let (keeps, goes) = (named(&client, "Acme").await, named(&client, "Acme Inc.").await);
        let (us, rival) = (vendor(&client, &keeps, "self", "Us").await, vendor(&client, &keeps, "competitor", "Rival").await);
        let (we, twin) = (vendor(&client, &goes, "self", "We").await, vendor(&client, &goes, "competitor", "RIVAL").await);
        record(&client, &shares(&keeps, "2026-Q1"), "*", &routers(&[(&us, 3_000), (&rival, 5_000)])).await.expect(200);
        record(&client, &shares(&goes, "2026-Q2"), "*", &routers(&[(&we, 4_000), (&twin, 5_000)])).await.expect(200);
        merge(&merger, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);

        // Only what changes is judged.
        let path = |vendor: &Vendor| format!("/api/v1/vendors/{}", vendor.id);
        for one in [&us, &rival, &we, &twin] {
            client.patch(&path(one), "*", &json!({ "note": "seen", "name": one.name })).await.expect(200);
        }
        let taken = client.patch(&path(&we), "*", &json!({ "name": "rival" })).await.expect(422);
        assert_eq!(faults(&taken), [("/name", "not-unique")]);
        for (one, other, code) in [(&us, &us, "itself"), (&us, &rival, "kinds-differ")] {
            let refused = client.patch(&path(one), "*", &json!({ "same_as": other.id })).await.expect(422);
            assert_eq!(faults(&refused), [("/same_as", code)]);
        }

        let trends = async || {
            let trends = client.get(&format!("{}/vendor-trends", at(&keeps))).await.expect(200);
            let trends = trends["trends"].as_array().expect("trends").clone();
            let mut found: Vec<_> =
                trends.iter().map(|one| (one["name"].to_string(), one["series"].as_array().map_or(0, Vec::len))).collect();
            found.sort();
            found
        };
        assert_eq!(trends().await.len(), 4);
        client.patch(&path(&we), "*", &json!({ "same_as": us.id })).await.expect(200);
        client.patch(&path(&twin), "*", &json!({ "same_as": rival.id })).await.expect(200);
        assert_eq!(trends().await, [("\"Rival\"".to_owned(), 2), ("\"Us\"".to_owned(), 2)]);
        let second: VendorStructure = client.get(&shares(&keeps, "2026-Q2")).await.read(200);
        let holders: Vec<_> = second.lines[0].holders.iter().map(|holder| holder.vendor_id).collect();
        assert_eq!((holders, second.lines[0].our_share_bp), (vec![rival.id, us.id], 4_000));
        let both = routers(&[(&us, 1), (&we, 1)]);
        let twice = record(&client, &shares(&keeps, "2026-Q3"), "*", &both).await.expect(422);
        assert_eq!(faults(&twice), [("/lines/0/shares/1/vendor_id", "not-unique")]);
        let chained = client.patch(&path(&us), "*", &json!({ "same_as": we.id })).await.expect(422);
        assert_eq!(faults(&chained), [("/same_as", "same-as-another")]);

        // Each customer has its own again.
        unmerge(&merger, &goes).await.expect(200);
        let back: Vendor = client.get(&path(&we)).await.read(200);
        assert_eq!((back.customer_id, back.same_as, back.note.as_deref()), (goes.id, None, Some("seen")));
        let its: VendorStructure = client.get(&shares(&goes, "2026-Q2")).await.read(200);
        assert_eq!((its.lines[0].known_bp, its.lines[0].our_share_bp), (9_000, 4_000));
    }

    async fn a_period_shows_who_has_what_and_what_is_left(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let (us, rival) = (vendor(&client, &customer, "self", "Us").await, vendor(&client, &customer, "competitor", "Rival").await);
        let path = shares(&customer, "2026-Q1");
        let empty = client.get(&path).await;
        assert_eq!(empty.etag(), "\"0\"");
        let recorded = record(&client, &path, "\"0\"", &routers(&[(&us, 3_500), (&rival, 5_000)])).await;
        assert_eq!(recorded.etag(), "\"1\"");
        let structure: VendorStructure = recorded.clone().read(200);
        assert_eq!(client.get(&path).await.read::<VendorStructure>(200), structure);
        insta::assert_json_snapshot!(redact(recorded.body), @r#"
        {
          "customer_id": "[id]",
          "lines": [
            {
              "headroom": {
                "amount": "650000.00",
                "currency": "CNY"
              },
              "headroom_bp": 6500,
              "holders": [
                {
                  "kind": "competitor",
                  "name": "Rival",
                  "share_bp": 5000,
                  "vendor_id": "[id]"
                },
                {
                  "kind": "self",
                  "name": "Us",
                  "share_bp": 3500,
                  "vendor_id": "[id]"
                }
              ],
              "known_bp": 8500,
              "our_share_bp": 3500,
              "product_line": "Routers",
              "unknown_bp": 1500,
              "wallet": {
                "amount": "1000000.00",
                "currency": "CNY"
              }
            }
          ],
          "period": "2026-Q1",
          "recorded_at": "[time]",
          "recorded_by": "[actor]",
          "revision": 1
        }
        "#);

        let stale = record(&client, &path, "\"0\"", &routers(&[])).await;
        assert_eq!(stale.problem(), (412, "version-stale"));
        assert_eq!(client.put(&path, &routers(&[])).await.problem(), (428, "if-match-missing"));
        let same = record(&client, &path, "\"1\"", &routers(&[(&us, 3_500), (&rival, 5_000)])).await;
        assert_eq!(same.etag(), "\"1\"", "nothing to change changes nothing");
        record(&client, &path, "\"1\"", &routers(&[(&us, 4_000), (&rival, 5_000)])).await.expect(200);
        let (records, pages) = all_pages(&client, &format!("{path}/records?limit=1")).await;
        let told: Vec<_> = records.iter().map(|record| &record["lines"][0]["shares"][0]["share_bp"]).collect();
        assert_eq!((told, pages), (vec![&json!(4_000), &json!(3_500)], 2));
        assert!(records[1]["recorded_by"].as_str().is_some_and(|by| by.starts_with("user:")));
        record(&client, &shares(&customer, "2026-Q2"), "*", &routers(&[])).await.expect(200);
        assert_eq!(client.count(&format!("{}/vendor-shares", at(&customer))).await, 3);
        assert_eq!(client.get(&shares(&customer, "2026-Q5")).await.status, 400);
    }

    async fn no_line_has_more_than_a_whole(db: TestDb) {
        let (_app, client) = start(db).await;
        let (customer, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        let (us, rival) = (vendor(&client, &customer, "self", "Us").await, vendor(&client, &customer, "competitor", "Rival").await);
        let far = vendor(&client, &other, "competitor", "Far").await;
        let path = shares(&customer, "2026-H1");
        let refused = record(&client, &path, "*", &routers(&[(&us, 5_001), (&rival, 5_000)])).await.expect(422);
        assert_eq!(faults(&refused), [("/lines/0/shares", "shares-exceeded")]);
        assert_eq!(
            refused["errors"][0]["message"],
            "the shares of \"Routers\" in 2026-H1 sum to 100.01 %, more than 100 %"
        );
        let refused = record(&client, &path, "*", &routers(&[(&us, 1), (&us, 2), (&far, 1)])).await.expect(422);
        assert_eq!(faults(&refused), [
            ("/lines/0/shares/1/vendor_id", "not-unique"), ("/lines/0/shares/2/vendor_id", "unknown-vendor"),
        ]);
        assert_eq!(client.count(&format!("{}/vendor-shares", at(&customer))).await, 0, "nothing half done");
    }

    async fn writers_at_the_same_time_each_record_a_whole(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let (us, rival) = (vendor(&client, &customer, "self", "Us").await, vendor(&client, &customer, "competitor", "Rival").await);
        let path = shares(&customer, "2026");
        let bodies: Vec<_> = (1..=8).map(|n| routers(&[(&us, n * 1_000), (&rival, 10_000 - n * 1_000)])).collect();
        let overwriting = bodies.iter().map(|body| record(&client, &path, "*", body));
        for answer in join_all(overwriting).await {
            assert_eq!(answer.status, 200, "{answer}");
        }
        let (records, _) = all_pages(&client, &format!("{path}/records?limit=50")).await;
        let mut revisions: Vec<_> = records.iter().filter_map(|record| record["revision"].as_i64()).collect();
        revisions.sort_unstable();
        assert_eq!(revisions, (1..=8).collect::<Vec<_>>(), "each after another");
        let known: VendorStructure = client.get(&path).await.read(200);
        assert_eq!((known.revision, known.lines[0].known_bp), (8, 10_000));

        let careful = bodies.iter().map(|body| record(&client, &path, "\"8\"", body));
        let mut statuses: Vec<_> = join_all(careful).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert!(statuses[0] == 200 && statuses[2..].iter().all(|status| *status == 412), "{statuses:?}");
    }

    async fn trends_follow_each_vendor_through_the_periods(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let (us, rival) = (vendor(&client, &customer, "self", "Us").await, vendor(&client, &customer, "competitor", "Rival").await);
        for (period, ours, theirs) in [("2025-Q4", 1_000, 8_000), ("2026-Q1", 2_000, 7_000), ("2026-Q2", 3_500, 5_000), ("2026", 9, 9)] {
            record(&client, &shares(&customer, period), "*", &routers(&[(&us, ours), (&rival, theirs)])).await.expect(200);
        }
        record(&client, &shares(&customer, "2025-Q4"), "*", &routers(&[(&us, 1_500), (&rival, 8_000)])).await.expect(200);
        let trends = client.get(&format!("{}/vendor-trends", at(&customer))).await.expect(200);
        insta::assert_json_snapshot!(redact(trends), @r#"
        {
          "customer_id": "[id]",
          "length": "quarter",
          "trends": [
            {
              "change_bp": -2000,
              "kind": "competitor",
              "name": "Rival",
              "product_line": "Routers",
              "series": [
                {
                  "period": "2025-Q4",
                  "share_bp": 8000
                },
                {
                  "period": "2026-Q1",
                  "share_bp": 7000
                },
                {
                  "period": "2026-Q2",
                  "share_bp": 5000
                }
              ],
              "slope_bp": -1500,
              "vendor_id": "[id]"
            },
            {
              "change_bp": 1500,
              "kind": "self",
              "name": "Us",
              "product_line": "Routers",
              "series": [
                {
                  "period": "2025-Q4",
                  "share_bp": 1500
                },
                {
                  "period": "2026-Q1",
                  "share_bp": 2000
                },
                {
                  "period": "2026-Q2",
                  "share_bp": 3500
                }
              ],
              "slope_bp": 1000,
              "vendor_id": "[id]"
            }
          ]
        }
        "#);
        let none = client.get(&format!("{}/vendor-trends?length=half_year", at(&customer))).await.expect(200);
        assert_eq!(none["trends"], json!([]));
        let other = client.get(&format!("{}/vendor-trends?length=year&product_line=routers", at(&customer))).await.expect(200);
        assert_eq!(other["trends"][0]["series"], json!([{ "period": "2026", "share_bp": 9 }]));
    }

    async fn shares_are_told_as_numbers_and_told_again(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[v1::VENDOR_SHARES_RECORDED]).await;
        let customer = named(&client, "Acme").await;
        let (us, rival) = (vendor(&client, &customer, "self", "Us").await, vendor(&client, &customer, "competitor", "Rival").await);
        record(&client, &shares(&customer, "2026-Q1"), "*", &routers(&[(&us, 3_500), (&rival, 5_000)])).await.expect(200);
        app.drain_outbox().await;
        let told = tap.events::<v1::VendorSharesRecorded>().await;
        let mut event = serde_json::to_value(&told).expect("JSON")[0].take();
        event["customer_id"] = "0190f3a0-0000-7000-8000-000000000001".into();
        assert_eq!(event, crate::events::golden::<v1::VendorSharesRecorded>());
        crate::events::republish(&app).await;
        let again = tap.events::<v1::VendorSharesRecorded>().await;
        assert_eq!((again.len(), &again[1]), (2, &told[0]));
    }

    async fn a_repeated_request_adds_a_vendor_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let path = format!("{}/vendors", at(&named(&client, "Acme").await));
        let request = || client.request(Method::POST, &path).header("Idempotency-Key", "v").json(&json!({ "name": "Rival" }));
        let first = client.send(request()).await.expect(201);
        assert_eq!(client.send(request()).await.expect(201), first);
        assert_eq!(client.count(&path).await, 1);
    }
}
