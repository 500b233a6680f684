use registry_contract::Customer;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, colleague, create, faults, redact, start};

const KEY: &str = "/api/v1/customers/external/sap/0000104711";
const POLICIES: &str = "/api/v1/tier-policies";
const PROPOSALS: &str = "/api/v1/tier-proposals";
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// What a source reported on a day, as far as it said something of tier and stage.
fn report(day: usize, tier: Option<&str>, stage: Option<&str>) -> Value {
    let mut report = json!({ "name": format!("Acme {day}"), "source_updated_at": format!("2026-03-0{day}T00:00:00Z") });
    for (field, word) in [("tier", tier), ("lifecycle", stage)] {
        if let Some(word) = word {
            report[field] = json!(word);
        }
    }
    report
}

/// Sends the reports in this order, then all of them again.
async fn send_all(client: &Client, key: &str, reports: &[Value], order: &[usize]) -> Value {
    for (index, &next) in order.iter().enumerate() {
        client.put(key, &reports[next]).await.expect(if index == 0 { 201 } else { 200 });
    }
    let version = client.put(key, &reports[order[0]]).await.expect(200)["version"].clone();
    for report in reports {
        let customer = client.put(key, report).await.expect(200);
        assert_eq!(customer["version"], version, "replays change nothing");
    }
    client.put(key, &reports[0]).await.expect(200)
}

/// The tiers that people are asked for, with how many are to approve.
async fn asked(client: &Client, customer: &Value) -> Value {
    let path = format!("{PROPOSALS}?state=open&customer_id={}", customer["id"].as_str().expect("an id"));
    let open = client.get(&path).await.expect(200)["items"].clone();
    let open = open.as_array().expect("items").iter();
    open.map(|one| json!([one["from_tier"], one["tier"], one["approvals_needed"]])).collect()
}

fn record(day: u32, tier: &str, city: Option<&str>) -> Value {
    json!({ "name": format!("Acme {day}"), "tier": tier, "city": city, "source_updated_at": format!("2026-03-{day:02}T00:00:00Z") })
}

async fn send(client: &Client, order: &[usize]) -> Value {
    let records = [record(1, "C", Some("Berlin")), record(2, "B", None), record(3, "A", Some("Bonn"))];
    for (index, &next) in order.iter().enumerate() {
        let status = if index == 0 { 201 } else { 200 };
        client.put(KEY, &records[next]).await.expect(status);
    }
    let customer: Customer = client.put(KEY, &records[order[0]]).await.read(200);
    let proposals = client.get("/api/v1/tier-proposals?state=open").await.expect(200);
    json!([customer.name, customer.tier, customer.city, proposals["items"][0]["tier"]])
}

both! {
    async fn another_systems_key_creates_once_and_then_changes(db: TestDb) {
        let (_app, client) = start(db).await;
        let created = client.put(KEY, &json!({ "name": "Acme", "owner": "li.wei" })).await;
        assert!(created.header("location").is_some_and(|location| location.starts_with("/api/v1/customers/")));
        insta::assert_json_snapshot!(redact(created.expect(201)), @r#"
        {
          "address": null,
          "annual_revenue": null,
          "city": null,
          "code": "C-000001",
          "country": null,
          "created_at": "[time]",
          "currency": "CNY",
          "custom_fields": {},
          "employees": null,
          "external_ids": [
            {
              "id": "0000104711",
              "system": "sap"
            }
          ],
          "founded_year": null,
          "id": "[id]",
          "identifiers": [],
          "industry": null,
          "industry_code": null,
          "kind": "enterprise",
          "language": "zh-CN",
          "lifecycle": "prospect",
          "name": "Acme",
          "owner": "li.wei",
          "parent_id": null,
          "phone": null,
          "region": null,
          "region_code": null,
          "roles": [],
          "short_name": null,
          "tax_id": null,
          "tier": "C",
          "time_zone": "Asia/Shanghai",
          "updated_at": "[time]",
          "version": 1,
          "website": null
        }
        "#);

        let changed: Customer = client.put(KEY, &json!({ "name": "Acme AG", "country": "DE" })).await.read(200);
        assert_eq!((changed.name.as_str(), changed.owner.as_deref(), changed.version), ("Acme AG", Some("li.wei"), 2));
        let same = client.put(KEY, &json!({ "name": "Acme AG" })).await;
        assert_eq!(same.etag(), "\"2\"", "nothing new is no change");
        let kept: Customer = client.put(KEY, &json!({ "external_ids": [{ "system": "crm", "id": "7" }] })).await.read(200);
        assert_eq!(kept.external_ids.len(), 2, "its own key stays");
        assert_eq!(client.count(CUSTOMERS).await, 1);
    }

    async fn a_new_customer_needs_a_name_and_its_fields_right(db: TestDb) {
        let (_app, client) = start(db).await;
        let refused = client.put(KEY, &json!({ "country": "ZZ" })).await.expect(422);
        assert_eq!(faults(&refused), [("/name", "blank"), ("/country", "unknown-country")]);
        let refused = client.put("/api/v1/customers/external/SAP/1", &json!({ "name": "Acme" })).await.expect(422);
        assert_eq!(faults(&refused), [("/external_ids/0/system", "bad-format")]);
        create(&client, json!({ "name": "Owner", "external_ids": [{ "system": "crm", "id": "7" }] })).await;
        let taken = client.put(KEY, &json!({ "name": "Acme", "external_ids": [{ "system": "crm", "id": "7" }] })).await;
        assert_eq!(taken.problem(), (409, "external-id-taken"));
        assert_eq!(client.count(CUSTOMERS).await, 1);
    }

    async fn records_come_in_any_order_and_the_newest_stays(db: TestDb) {
        let (app, client) = start(db).await;
        // No record gives a tier; the newest is what is proposed.
        let expected = json!(["Acme 3", "C", "Bonn", "A"]);
        assert_eq!(send(&client, &[0, 1, 2]).await, expected);
        drop(app);
    }

    async fn tier_and_stage_are_the_newest_records_in_any_order(db: TestDb) {
        let (_app, client) = start(db).await;
        let mut number = 0;
        for (tiers, stages, expected) in [
            // No stage is a move away from the one before.
            ([Some("B"), Some("S"), Some("A")], [Some("repeat"), Some("suspect"), Some("regained")],
                json!(["Acme 3", "C", "regained", [["C", "A", 2]]])),
            // The newest has the tier which the customer has.
            ([Some("S"), Some("B"), Some("C")], [Some("advocate"), Some("lapsed"), Some("prospect")],
                json!(["Acme 3", "C", "prospect", []])),
            ([Some("A"), Some("A"), Some("A")], [Some("lapsed"), Some("lapsed"), Some("repeat")],
                json!(["Acme 3", "C", "repeat", [["C", "A", 2]]])),
            // Of either field only a part of the records says something.
            ([None, Some("B"), None], [Some("lapsed"), None, None], json!(["Acme 3", "C", "lapsed", [["C", "B", 1]]])),
            ([Some("S"), None, None], [None, Some("repeat"), None], json!(["Acme 3", "C", "repeat", [["C", "S", 2]]])),
        ] {
            let reports = [0, 1, 2].map(|at| report(at + 1, tiers[at], stages[at]));
            for order in ORDERS {
                number += 1;
                let customer = send_all(&client, &format!("{CUSTOMERS}/external/sap/{number}"), &reports, &order).await;
                let open = asked(&client, &customer).await;
                let seen = json!([customer["name"], customer["tier"], customer["lifecycle"], open]);
                assert_eq!(seen, expected, "{order:?}");
            }
        }
    }

    async fn so_they_are_where_nobody_is_asked_for_some_tiers(db: TestDb) {
        let (_app, client) = start(db).await;
        for approvals in [0, 2] {
            let tier = |code: &str, rank: usize, approvals: usize| json!({
                "code": code, "name": code, "name_zh": code, "rank": rank, "key_customer": rank == 1, "counts_as": code,
                "approvals_to_enter": approvals, "approvals_to_leave": 0, "review_days": 90,
            });
            let tiers = [tier("S", 1, approvals), tier("B", 2, 0), tier("C", 3, 0)];
            let policy = json!({ "code": "own", "name": "Own", "name_zh": "自有", "tiers": tiers });
            let policy = client.post(POLICIES, &policy).await.expect(201);
            let path = format!("{POLICIES}/{}/activation", policy["id"].as_str().expect("an id"));
            client.post(&path, &json!({})).await.expect(200);
            for (tiers, given, proposed) in [
                (["B", "C", "S"], "S", json!([["C", "S", 2]])),
                (["B", "S", "B"], "B", json!([["C", "B", 1]])),
                (["S", "B", "C"], "C", json!([])),
            ] {
                let reports = [0, 1, 2].map(|at| report(at + 1, Some(tiers[at]), None));
                let expected = if approvals == 0 { json!([given, []]) } else { json!(["C", proposed]) };
                for order in ORDERS {
                    let key = format!("{CUSTOMERS}/external/sap/{approvals}{}{order:?}", tiers.concat());
                    let key = key.replace(['[', ']', ',', ' '], "");
                    let customer = send_all(&client, &key, &reports, &order).await;
                    assert_eq!(json!([customer["tier"], asked(&client, &customer).await]), expected, "{tiers:?} {order:?}");
                }
            }
        }
    }

    async fn what_people_turned_down_stays_so_in_any_order(db: TestDb) {
        let (app, client) = start(db).await;
        let no = json!({ "verdict": "reject", "reason": "too small" });
        let reports = [report(1, Some("B"), None), report(2, Some("A"), None), report(3, Some("B"), None)];
        for (number, order) in [[1, 2], [2, 1]].into_iter().enumerate() {
            let key = format!("{CUSTOMERS}/external/sap/{number}");
            let customer = client.put(&key, &reports[0]).await.expect(201);
            let path = format!("{PROPOSALS}?state=open&customer_id={}", customer["id"].as_str().expect("an id"));
            let proposal = client.get(&path).await.expect(200)["items"][0]["id"].as_str().expect("a proposal").to_owned();
            colleague(&app, "wang").post(&format!("{PROPOSALS}/{proposal}/decisions"), &no).await.expect(200);
            for next in order {
                client.put(&key, &reports[next]).await.expect(200);
            }
            assert_eq!(asked(&client, &customer).await, json!([]), "{order:?}");
        }
    }

    async fn two_tiers_that_were_turned_down_are_not_asked_for_in_turn(db: TestDb) {
        let (app, client) = start(db).await;
        let no = json!({ "verdict": "reject", "reason": "too small" });
        let key = format!("{CUSTOMERS}/external/sap/1");
        client.put(&key, &report(1, None, None)).await.expect(201);
        let mut days = 2..;
        let mut named = async |tier: &str| {
            let next = report(days.next().expect("a day"), Some(tier), None);
            let customer = client.put(&key, &next).await.expect(200);
            let path = format!("{PROPOSALS}?state=open&customer_id={}", customer["id"].as_str().expect("an id"));
            client.get(&path).await.expect(200)["items"][0]["id"].as_str().map(str::to_owned)
        };
        for tier in ["B", "A"] {
            let asked = named(tier).await.expect("a proposal");
            colleague(&app, "wang").post(&format!("{PROPOSALS}/{asked}/decisions"), &no).await.expect(200);
        }
        for tier in ["B", "A", "B"] {
            assert_eq!(named(tier).await, None, "{tier}");
        }
    }

    async fn a_record_that_comes_again_leaves_what_people_made_of_its_tier(db: TestDb) {
        let (app, client) = start(db).await;
        let key = format!("{CUSTOMERS}/external/sap/1");
        let told = report(1, Some("B"), None);
        let customer = client.put(&key, &told).await.expect(201);
        let yes = json!({ "verdict": "approve" });
        let decide = async |proposal: &Value| {
            let path = format!("{PROPOSALS}/{}/decisions", proposal.as_str().expect("an id"));
            colleague(&app, "wang").post(&path, &yes).await.expect(200);
        };
        let open = format!("{PROPOSALS}?state=open&customer_id={}", customer["id"].as_str().expect("an id"));
        decide(&client.get(&open).await.expect(200)["items"][0]["id"]).await;
        let back = json!({ "customer_id": customer["id"], "tier": "C", "reason": "shrank" });
        decide(&client.post(PROPOSALS, &back).await.expect(201)["id"]).await;
        let again = client.put(&key, &told).await.expect(200);
        assert_eq!(json!([again["tier"], asked(&client, &customer).await]), json!(["C", []]));
    }

    async fn the_newest_tier_is_asked_for_when_others_no_longer_stand_in_its_way(db: TestDb) {
        let (app, client) = start(db).await;
        let reports = [report(2, Some("B"), None), report(3, Some("A"), None)];
        for (number, order) in [[0, 1], [1, 0]].into_iter().enumerate() {
            let key = format!("{CUSTOMERS}/external/sap/{number}");
            let customer = client.put(&key, &report(1, None, None)).await.expect(201);
            let manual = json!({ "customer_id": customer["id"], "tier": "S", "reason": "grows" });
            let manual = client.post(PROPOSALS, &manual).await.expect(201)["id"].as_str().expect("an id").to_owned();
            client.put(&key, &reports[order[0]]).await.expect(200);
            assert_eq!(asked(&client, &customer).await, json!([["C", "S", 2]]));
            let no = json!({ "verdict": "reject", "reason": "too small" });
            colleague(&app, "wang").post(&format!("{PROPOSALS}/{manual}/decisions"), &no).await.expect(200);
            client.put(&key, &reports[order[1]]).await.expect(200);
            assert_eq!(asked(&client, &customer).await, json!([["C", "A", 2]]), "{order:?}");
        }
    }

    async fn late_records_change_nothing(db: TestDb) {
        let (_app, client) = start(db).await;
        assert_eq!(send(&client, &[2, 0, 1]).await, json!(["Acme 3", "C", "Bonn", "A"]));
        let customer: Customer = client.put(KEY, &record(1, "C", None)).await.read(200);
        assert_eq!(customer.version, 1, "not even the version");
    }

    async fn records_that_meet_make_one_customer(db: TestDb) {
        let (_app, client) = start(db).await;
        let records: Vec<_> = (1..=6).map(|day| record(day, "B", None)).collect();
        let answers = futures::future::join_all(records.iter().map(|record| client.put(KEY, record))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 201], "{answers:?}");
        assert_eq!(client.count(CUSTOMERS).await, 1);
        let customer: Customer = client.put(KEY, &record(6, "B", None)).await.read(200);
        assert_eq!(customer.name, "Acme 6");
    }

    async fn a_record_by_another_key_that_is_older_changes_nothing(db: TestDb) {
        let (_app, client) = start(db).await;
        let at = |minute: u32, record: Value| {
            let mut record = record;
            record["source_updated_at"] = json!(format!("2026-03-01T00:{minute:02}:00Z"));
            record
        };
        let newer = at(10, json!({ "name": "Acme 10", "city": "Bonn", "tier": "A", "lifecycle": "repeat", "country": "DE" }));
        let older = at(5, json!({ "name": "Acme 5", "city": "Ulm", "tier": "S", "lifecycle": "lapsed", "phone": "0731-1" }));
        let mut seen = vec![];
        for (number, (first, second)) in [(&newer, &older), (&older, &newer)].into_iter().enumerate() {
            let keys = [("sap", "a"), ("odoo", "b"), ("sap", "c")].map(|(system, id)| format!("{CUSTOMERS}/external/{system}/{number}{id}"));
            let all = json!([{ "system": "odoo", "id": format!("{number}b") }, { "system": "sap", "id": format!("{number}c") }]);
            let start = at(1, json!({ "name": "Acme", "external_ids": all }));
            client.put(&keys[0], &start).await.expect(201);
            // By another system's key, then by another key of one system.
            let (other, same) = (&keys[1], &keys[2]);
            client.put(if number == 0 { &keys[0] } else { other }, first).await.expect(200);
            client.put(if number == 0 { other } else { &keys[0] }, second).await.expect(200);
            client.put(same, &at(3, json!({ "name": "Acme 3", "city": "Hof" }))).await.expect(200);
            let now = client.put(same, &at(10, json!({ "city": null, "website": "https://acme.example" }))).await.expect(200);
            let open = asked(&client, &now).await;
            seen.push(json!([now["name"], now["phone"], now["lifecycle"], now["country"], now["website"], open]));
        }
        assert_eq!(seen[0], json!(["Acme 10", "0731-1", "repeat", "DE", "https://acme.example", [["C", "A", 2]]]));
        assert_eq!(seen[0], seen[1], "whichever came first");
    }

    async fn a_system_whose_clock_is_ahead_keeps_no_other_out(db: TestDb) {
        let (_app, client) = start(db).await;
        let (odoo, sap) = (format!("{CUSTOMERS}/external/odoo/1"), format!("{CUSTOMERS}/external/sap/1"));
        let record = |year: u32, city: &str| json!({ "name": "Acme", "city": city, "source_updated_at": format!("{year}-03-01T00:00:00Z") });
        let mut first = record(2099, "Bonn");
        first["external_ids"] = json!([{ "system": "sap", "id": "1" }]);
        client.put(&odoo, &first).await.expect(201);
        assert_eq!(client.put(&sap, &record(2020, "Ulm")).await.expect(200)["city"], "Ulm");
        assert_eq!(client.put(&odoo, &record(2030, "Hof")).await.expect(200)["city"], "Ulm", "within its own system it counts");
    }

    async fn partial_records_of_every_field_converge_in_any_order(db: TestDb) {
        let (_app, client) = start(db).await;
        let field = json!({ "key": "segment", "label_en": "Segment", "label_zh": "细分", "type": "text" });
        client.post("/api/v1/custom-fields", &field).await.expect(201);
        let group = create(&client, json!({ "name": "Group" })).await;
        let at = |day: u32, mut record: Value| {
            record["source_updated_at"] = json!(format!("2026-03-{day:02}T00:00:00Z"));
            record
        };
        let records = [
            at(1, json!({ "name": "Acme", "country": "CN", "region_code": "CN-GD", "roles": ["buyer"], "tier": "B",
                "custom_fields": { "segment": "old" }, "identifiers": [{ "type": "eu_vat", "value": "DE136695976" }] })),
            at(2, json!({ "name": "Acme", "country": "DE", "industry_code": "isic:J", "parent_id": group.id })),
            at(3, json!({ "name": "Acme AG", "custom_fields": { "segment": "new" }, "roles": ["channel_partner"] })),
            at(4, json!({ "name": "Acme AG", "country": "CN", "identifiers": [] })),
        ];
        let mut seen = Vec::new();
        let orders = (0..24).map(|number: usize| {
            let mut rest: Vec<usize> = vec![0, 1, 2, 3];
            let next = |size: usize| {
                let left = rest.len();
                rest.remove(number / size % left)
            };
            [6, 2, 1, 1].map(next)
        });
        for (number, order) in orders.enumerate() {
            let key = format!("{CUSTOMERS}/external/sap/{number}");
            for (index, next) in order.iter().enumerate() {
                client.put(&key, &records[*next]).await.expect(if index == 0 { 201 } else { 200 });
            }
            let before = client.put(&key, &records[3]).await.expect(200)["version"].clone();
            let after = client.put(&key, &records[0]).await.expect(200);
            assert_eq!(after["version"], before, "replays change nothing");
            let told = ["name", "country", "region_code", "roles", "custom_fields", "identifiers", "industry_code", "parent_id"];
            seen.push(told.map(|name| after[name].clone()));
        }
        insta::assert_json_snapshot!(redact(json!(seen[0])), @r#"
        [
          "Acme AG",
          "CN",
          "CN-GD",
          [
            "channel_partner"
          ],
          {
            "segment": "new"
          },
          [],
          "isic:J",
          "[id]"
        ]
        "#);
        seen.dedup();
        assert_eq!(seen.len(), 1);
    }
}
