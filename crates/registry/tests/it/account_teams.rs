use chrono::{Days, NaiveDate, Utc};
use registry_contract::{AccountTeam, Customer, Employee, TeamMember, TeamRole, v1};
use serde_json::{Value, json};
use testkit::{Client, both};
use uuid::Uuid;

use crate::events::{golden, republish};
use crate::merges::{merge, unmerge};
use crate::support::{CUSTOMERS, at, create, faults, named, redact, start};

async fn employ(client: &Client, code: &str) -> Employee {
    let new = json!({ "code": code, "name": code, "active_from": "2020-01-01" });
    client.post("/api/v1/employees", &new).await.read(201)
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

async fn team(client: &Client, customer: &Customer, query: &str) -> AccountTeam {
    client.get(&format!("{}/team{query}", at(customer))).await.read(200)
}

/// Without the day on which the test runs.
fn redact_days(mut answer: Value) -> Value {
    for pointer in ["/on", "/owner/from", "/owners/0/from", "/owners/1/from", "/owners/1/until"] {
        if let Some(day) = answer.pointer_mut(pointer) {
            assert!(day.as_str().is_some_and(|text| text.parse::<NaiveDate>().is_ok()), "{pointer}: {day}");
            *day = json!("[day]");
        }
    }
    redact(answer)
}

both! {
    async fn one_owner_and_members_with_their_days(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = create(&client, json!({ "name": "Acme", "owner": "li.wei" })).await;
        let wang = employ(&client, "wang").await;
        let path = format!("{}/team", at(&customer));
        let added = client.post(&path, &json!({ "employee": "wang", "role": "solution", "from": "2026-01-01" })).await;
        let location = added.header("location").expect("a location").to_owned();
        let member: TeamMember = added.read(201);
        assert_eq!((member.employee_id, member.role, member.until), (wang.id, TeamRole::Solution, None));
        assert_eq!(client.get(&location).await.read::<TeamMember>(200), member);

        client.patch(&at(&customer), "*", &json!({ "owner": "wang" })).await.expect(200);
        let shown = client.get(&path).await.expect(200);
        insta::assert_json_snapshot!(redact_days(shown), @r#"
        {
          "customer_id": "[id]",
          "members": [
            {
              "created_at": "[time]",
              "customer_id": "[id]",
              "employee_id": "[id]",
              "from": "2026-01-01",
              "id": "[id]",
              "role": "solution",
              "until": null,
              "updated_at": "[time]",
              "version": 1
            }
          ],
          "on": "[day]",
          "others": [],
          "owner": {
            "from": "[day]",
            "owner": "wang",
            "transfer_id": null,
            "until": null
          },
          "owners": [
            {
              "from": "[day]",
              "owner": "wang",
              "transfer_id": null,
              "until": null
            },
            {
              "from": "[day]",
              "owner": "li.wei",
              "transfer_id": null,
              "until": "[day]"
            }
          ]
        }
        "#);

        let ended: TeamMember = client.patch(&location, "\"1\"", &json!({ "until": "2026-02-01" })).await.read(200);
        assert_eq!((ended.version, ended.until), (2, "2026-02-01".parse().ok()));
        assert_eq!(client.patch(&location, "\"1\"", &json!({ "until": null })).await.problem(), (412, "version-stale"));
        assert_eq!(client.patch(&location, "\"2\"", &json!({ "until": "2026-02-01" })).await.etag(), "\"2\"");
        for (on, members, others) in [("2025-12-31", 0, 1), ("2026-01-01", 1, 0), ("2026-01-31", 1, 0), ("2026-02-01", 0, 1)] {
            let shown = team(&client, &customer, &format!("?on={on}")).await;
            assert_eq!((shown.members.len(), shown.others.len()), (members, others), "{on}");
        }
    }

    async fn every_change_of_a_team_is_told_and_goes_along_with_a_merge(db: TestDb) {
        let (app, _) = start(db).await;
        let client = app.client(&["customers:read", "customers:write", "customers:merge", "employees:manage"]);
        let tap = app.bus.tap(&[v1::TEAM_MEMBER_CHANGED]).await;
        let [goes, keeps] = [named(&client, "Acme Inc.").await, named(&client, "Acme").await];
        let wang = employ(&client, "wang").await;
        let new = json!({ "employee": "wang", "role": "executive_sponsor", "from": "2026-01-01" });
        let member: TeamMember = client.post(&format!("{}/team", at(&goes)), &new).await.read(201);
        let until = json!({ "until": "2026-07-01" });
        let path = format!("/api/v1/team-members/{}", member.id);
        client.patch(&path, "*", &until).await.expect(200);
        client.patch(&path, "*", &until).await.expect(200);
        merge(&client, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        unmerge(&client, &goes).await.expect(200);
        app.drain_outbox().await;
        let told = tap.events::<v1::TeamMemberChanged>().await;
        let seen: Vec<_> = told.iter().map(|event| (event.0.sequence, event.0.customer_id, event.0.until.is_some())).collect();
        let expected = [(1, goes.id, false), (2, goes.id, true), (3, keeps.id, true), (4, goes.id, true)];
        assert_eq!(seen, expected);
        let text = serde_json::to_string(&told[1]).expect("events are JSON");
        let ids = [(goes.id.to_string(), "1"), (wang.id.to_string(), "8"), (member.id.to_string(), "b")];
        let renamed = |text: String, (id, number): &(String, &str)| {
            text.replace(id, &format!("0190f3a0-0000-7000-8000-00000000000{number}"))
        };
        let text = ids.iter().fold(text, renamed);
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), golden::<v1::TeamMemberChanged>());

        let again = app.bus.tap(&[v1::TEAM_MEMBER_CHANGED]).await;
        republish(&app).await;
        let again = again.events::<v1::TeamMemberChanged>().await;
        assert_eq!(again, [told[3].clone()]);
    }

    async fn owners_follow_each_other_day_by_day(db: TestDb) {
        let (app, client) = start(db).await;
        let start_of_all = Utc::now();
        let act = |days: u64| messaging::Act::system(start_of_all + Days::new(days));
        let db = &app.context().db;
        let mut new = registry_contract::NewCustomer::named("Acme");
        (new.owner, new.time_zone) = (Some("a".into()), "UTC".into());
        let customer = registry::create_customer(db, &act(0), new).await.expect("created");
        let reference = wire::Reference::Id(customer.id);
        for (days, owner) in [(3, Some("b")), (3, Some("c")), (5, None), (8, Some("d"))] {
            let patch = registry_contract::CustomerPatch { owner: Some(owner.map(str::to_owned)), ..Default::default() };
            registry::update_customer(db, &act(days), &reference, chassis::http::IfMatch::Any, patch).await.expect("changed");
        }
        let owner_after = async |days: u64| {
            let on = (start_of_all + Days::new(days)).date_naive();
            team(&client, &customer, &format!("?on={on}")).await.owner.and_then(|period| period.owner)
        };
        let mut seen = vec![];
        for days in 0..10 {
            seen.push(owner_after(days).await.unwrap_or_default());
        }
        assert_eq!(seen, ["a", "a", "a", "c", "c", "", "", "", "d", "d"]);
        let owners = team(&client, &customer, "").await.owners;
        let all: Vec<_> = owners.iter().rev().map(|period| period.owner.as_deref()).collect();
        assert_eq!(all, [Some("a"), Some("b"), Some("c"), None, Some("d")], "who had no day of his own is kept too");
        let before = (start_of_all - Days::new(1)).date_naive();
        assert_eq!(team(&client, &customer, &format!("?on={before}")).await.owner, None);
    }

    async fn only_active_employees_join_and_nobody_twice(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let path = format!("{}/team", at(&customer));
        let left = json!({ "code": "left", "name": "Left", "active_from": "2020-01-01", "active_until": "2025-01-01" });
        client.post("/api/v1/employees", &left).await.expect(201);
        employ(&client, "wang").await;
        for (member, expected) in [
            (json!({ "employee": "nobody", "role": "service" }), vec![("/employee", "unknown-employee")]),
            (json!({ "employee": "left", "role": "service" }), vec![("/employee", "employee-inactive")]),
            (
                json!({ "employee": "wang", "role": "owner", "from": "2026-01-02", "until": "2026-01-02" }),
                vec![("/role", "owner-by-transfer"), ("/until", "not-after-from")],
            ),
        ] {
            assert_eq!(faults(&client.post(&path, &member).await.expect(422)), expected);
        }
        client.post(&path, &json!({ "employee": "left", "role": "service", "from": "2024-01-01" })).await.expect(201);
        let first: TeamMember =
            client.post(&path, &json!({ "employee": "wang", "role": "service", "from": "2026-01-01", "until": "2026-02-01" })).await.read(201);
        client.post(&path, &json!({ "employee": "wang", "role": "delivery", "from": "2026-01-01" })).await.expect(201);
        let twice = client.post(&path, &json!({ "employee": "wang", "role": "service", "from": "2026-01-31" })).await.expect(422);
        assert_eq!(faults(&twice), [("/employee", "member-already")]);
        client.post(&path, &json!({ "employee": "wang", "role": "service", "from": "2026-02-01" })).await.expect(201);
        let longer = client.patch(&format!("/api/v1/team-members/{}", first.id), "*", &json!({ "until": null })).await.expect(422);
        assert_eq!(faults(&longer), [("/until", "member-already")]);
    }

    async fn a_membership_is_corrected_or_withdrawn(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[v1::TEAM_MEMBER_CHANGED]).await;
        let customer = named(&client, "Acme").await;
        let new = json!({ "code": "wang", "name": "Wang", "active_from": "2025-06-01" });
        client.post("/api/v1/employees", &new).await.expect(201);
        let path = format!("{}/team", at(&customer));
        let new = json!({ "employee": "wang", "role": "service", "from": "2026-01-01" });
        let member: TeamMember = client.post(&path, &new).await.read(201);
        let one = format!("/api/v1/team-members/{}", member.id);

        let early = client.patch(&one, "*", &json!({ "from": "2025-05-31" })).await.expect(422);
        assert_eq!(faults(&early), [("/from", "employee-inactive")]);
        let backwards = client.patch(&one, "*", &json!({ "until": "2025-12-31" })).await.expect(422);
        assert_eq!(faults(&backwards), [("/until", "not-after-from")]);
        let corrected: TeamMember = client.patch(&one, "\"1\"", &json!({ "from": "2025-07-01", "until": "2026-06-01" })).await.read(200);
        assert_eq!((corrected.from, corrected.until, corrected.version), (day("2025-07-01"), Some(day("2026-06-01")), 2));
        let later = json!({ "employee": "wang", "role": "service", "from": "2026-06-01" });
        let later: TeamMember = client.post(&path, &later).await.read(201);
        let earlier = format!("/api/v1/team-members/{}", later.id);
        let meets = client.patch(&earlier, "*", &json!({ "from": "2026-05-31" })).await.expect(422);
        assert_eq!(faults(&meets), [("/from", "member-already")]);

        let gone: TeamMember = client.patch(&one, "\"2\"", &json!({ "until": "2025-07-01" })).await.read(200);
        assert_eq!((gone.until, gone.version), (Some(gone.from), 3));
        assert_eq!(client.get(&one).await.read::<TeamMember>(200), gone);
        for on in ["2025-07-01", "2026-01-01"] {
            let shown = team(&client, &customer, &format!("?on={on}")).await;
            assert_eq!((shown.members.len(), shown.others.iter().map(|one| one.id).collect::<Vec<_>>()), (0, vec![later.id]));
        }
        client.patch(&earlier, "*", &json!({ "from": "2026-05-31" })).await.expect(200);
        let entries = client.get(&format!("{}/timeline?kind=member_joined,member_left", at(&customer))).await.expect(200);
        let members = entries["items"].as_array().expect("items").iter().map(|entry| entry["event"]["member_id"].clone());
        assert!(members.into_iter().all(|id| id == json!(later.id)), "what never held is not told of: {entries}");

        app.drain_outbox().await;
        let told = tap.events::<v1::TeamMemberChanged>().await;
        let seen: Vec<_> = told.iter().map(|event| &event.0).filter(|fact| fact.team_member_id == member.id).collect();
        let seen: Vec<_> = seen.iter().map(|fact| (fact.sequence, fact.until == Some(fact.from))).collect();
        assert_eq!(seen, [(1, false), (2, false), (3, true)]);
        let back: TeamMember = client.patch(&one, "\"3\"", &json!({ "until": "2025-08-01" })).await.read(200);
        assert_eq!(back.until, Some(day("2025-08-01")));
    }

    async fn an_employee_sees_his_customers(db: TestDb) {
        let (_app, client) = start(db).await;
        employ(&client, "wang").await;
        let owned = create(&client, json!({ "name": "Owned", "owner": "wang", "tier": "A" })).await;
        let helped = create(&client, json!({ "name": "Helped", "owner": "li.wei" })).await;
        create(&client, json!({ "name": "Neither" })).await;
        let past = named(&client, "Past").await;
        for (customer, role, until) in
            [(&owned, "account", Value::Null), (&helped, "solution", Value::Null), (&past, "service", json!("2026-02-01"))]
        {
            let member = json!({ "employee": "wang", "role": role, "from": "2026-01-01", "until": until });
            client.post(&format!("{}/team", at(customer)), &member).await.expect(201);
        }
        let listed = client.get("/api/v1/employees/wang/customers?count=exact").await.expect(200);
        let items: Vec<_> = listed["items"].as_array().expect("items").iter().map(|item| (&item["code"], &item["roles"])).collect();
        assert_eq!(
            items,
            [(&json!(owned.code), &json!(["owner", "account"])), (&json!(helped.code), &json!(["solution"]))]
        );
        assert_eq!(listed["count"], 2);
        let pages = client.pages("/api/v1/employees/wang/customers?limit=1").await;
        assert_eq!(pages.len(), 2);
    }

    async fn what_is_not_there_is_not_found(db: TestDb) {
        let (_app, client) = start(db).await;
        let unknown = Uuid::now_v7();
        for (path, code) in [
            (format!("{CUSTOMERS}/{unknown}/team"), "customer-not-found"),
            (format!("/api/v1/team-members/{unknown}"), "team-member-not-found"),
            ("/api/v1/employees/nobody/customers".to_owned(), "employee-not-found"),
        ] {
            assert_eq!(client.get(&path).await.problem(), (404, code));
        }
        let member = client.post(&format!("{CUSTOMERS}/{unknown}/team"), &json!({ "employee": "x", "role": "service" })).await;
        assert_eq!(member.problem(), (404, "customer-not-found"));
    }
}
