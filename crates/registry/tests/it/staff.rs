use registry_contract::{BulkEmployeesResult, Employee, Reports, Team, v1};
use serde_json::{Value, json};
use testkit::{Client, both};
use uuid::Uuid;

use crate::events::{golden, republish};
use crate::support::{all_pages, faults, redact, start};

const EMPLOYEES: &str = "/api/v1/employees";
const TEAMS: &str = "/api/v1/teams";

async fn employ(client: &Client, employee: Value) -> Employee {
    client.post(EMPLOYEES, &employee).await.read(201)
}

async fn reports(client: &Client, code: &str, depth: i32) -> Vec<(i32, String)> {
    let reports: Reports = client.get(&format!("{EMPLOYEES}/{code}/reports?depth={depth}")).await.read(200);
    reports.items.into_iter().map(|report| (report.level, report.employee.code)).collect()
}

fn below(reports: &[(i32, &str)]) -> Vec<(i32, String)> {
    reports.iter().map(|(level, code)| (*level, (*code).to_owned())).collect()
}

both! {
    async fn people_report_to_each_other_in_teams(db: TestDb) {
        let (_app, client) = start(db).await;
        let east: Team = client.post(TEAMS, &json!({ "code": "east", "name": "East China" })).await.read(201);
        employ(&client, json!({ "code": "zhao", "name": "赵敏", "rank": 1 })).await;
        let created = client
            .post(EMPLOYEES, &json!({
                "code": "li.wei", "name": "李伟", "title": "Account manager", "rank": 4, "email": "li.wei@example.com",
                "team": "east", "manager": "zhao", "active_from": "2024-01-01",
                "external_ids": [{ "system": "hr", "id": "0007" }],
            }))
            .await;
        let location = created.header("location").expect("a location").to_owned();
        let li: Employee = created.clone().read(201);
        assert_eq!(client.get(&location).await.read::<Employee>(200), li);
        assert_eq!(client.get(&format!("{EMPLOYEES}/li.wei")).await.read::<Employee>(200), li);
        assert_eq!(li.team_id, Some(east.id));
        insta::assert_json_snapshot!(redact(created.body), @r#"
        {
          "active_from": "2024-01-01",
          "active_until": null,
          "code": "li.wei",
          "created_at": "[time]",
          "email": "li.wei@example.com",
          "external_ids": [
            {
              "id": "0007",
              "system": "hr"
            }
          ],
          "id": "[id]",
          "manager_id": "[id]",
          "name": "李伟",
          "rank": 4,
          "team_id": "[id]",
          "title": "Account manager",
          "updated_at": "[time]",
          "version": 1
        }
        "#);

        employ(&client, json!({ "code": "wang", "name": "王芳", "manager": li.id })).await;
        assert_eq!(reports(&client, "zhao", 1).await, below(&[(1, "li.wei")]));
        assert_eq!(reports(&client, "zhao", 5).await, below(&[(1, "li.wei"), (2, "wang")]));
        let circle = client.patch(&format!("{EMPLOYEES}/zhao"), "*", &json!({ "manager": "wang" })).await.expect(422);
        assert_eq!(faults(&circle), [("/manager", "reporting-cycle")]);

        let led = client.patch(&format!("{TEAMS}/east"), "\"1\"", &json!({ "lead": "zhao" })).await;
        assert_eq!(led.etag(), "\"2\"");
        insta::assert_json_snapshot!(redact(led.expect(200)), @r#"
        {
          "code": "east",
          "created_at": "[time]",
          "id": "[id]",
          "lead_id": "[id]",
          "name": "East China",
          "parent_id": null,
          "updated_at": "[time]",
          "version": 2
        }
        "#);
        let left: Employee = client.patch(&location, "\"2\"", &json!({ "active_until": "2026-01-01", "title": null })).await.read(200);
        assert_eq!((left.version, left.title, left.name.as_str()), (3, None, "李伟"), "the team's lead is told of him, too");
        let stale = client.patch(&location, "\"1\"", &json!({ "title": "x" })).await;
        assert_eq!(stale.problem(), (412, "version-stale"));
        let same = client.patch(&location, "\"3\"", &json!({ "rank": 4 })).await;
        assert_eq!(same.etag(), "\"3\"", "nothing new is no change");
    }

    async fn lists_are_filtered_and_paged(db: TestDb) {
        let (_app, client) = start(db).await;
        let team: Team = client.post(TEAMS, &json!({ "code": "east", "name": "East" })).await.read(201);
        client.post(TEAMS, &json!({ "code": "south", "name": "South", "parent": "east" })).await.expect(201);
        let boss = employ(&client, json!({ "code": "a", "name": "A", "team": "east", "active_from": "2020-01-01" })).await;
        employ(&client, json!({ "code": "b", "name": "B", "manager": "a", "active_from": "2020-01-01", "active_until": "2021-01-01" })).await;
        employ(&client, json!({ "code": "c", "name": "C", "manager": "a", "team": "east", "active_from": "2020-06-01" })).await;
        for (query, codes) in [
            (String::new(), &["a", "b", "c"][..]),
            (format!("team_id={}", team.id), &["a", "c"]),
            (format!("manager_id={}", boss.id), &["b", "c"]),
            ("active_on=2020-02-01".to_owned(), &["a", "b"]),
            ("active_on=2021-01-01".to_owned(), &["a", "c"]),
            ("active_on=2019-12-31".to_owned(), &[]),
        ] {
            let (items, _) = all_pages(&client, &format!("{EMPLOYEES}?limit=1&{query}")).await;
            let found: Vec<_> = items.iter().map(|item| item["code"].as_str().expect("a code")).collect();
            assert_eq!(found, codes, "{query}");
        }
        assert_eq!((client.count(EMPLOYEES).await, client.count(TEAMS).await), (3, 2));
        let (newest, _) = all_pages(&client, &format!("{EMPLOYEES}?sort=-name&limit=2")).await;
        assert_eq!(newest[0]["code"], "c");
    }

    async fn what_is_wrong_is_named_at_once(db: TestDb) {
        let (_app, client) = start(db).await;
        employ(&client, json!({ "code": "zhao", "name": "Zhao", "external_ids": [{ "system": "hr", "id": "1" }] })).await;
        let wrong = json!({
            "code": "zhao", "name": " ", "team": "nowhere", "active_from": "2026-01-02", "active_until": "2026-01-01",
            "external_ids": [{ "system": "hr", "id": "1" }],
        });
        assert_eq!(
            faults(&client.post(EMPLOYEES, &wrong).await.expect(422)),
            [
                ("/name", "blank"),
                ("/active_until", "not-after-from"),
                ("/code", "code-taken"),
                ("/team", "unknown-team"),
                ("/external_ids/0", "external-id-taken"),
            ]
        );
        let nobody = json!({ "code": "li", "name": "Li", "manager": "nobody" });
        assert_eq!(faults(&client.post(EMPLOYEES, &nobody).await.expect(422)), [("/manager", "unknown-employee")]);
        let own = json!({ "code": "li", "name": "Li", "manager": "li" });
        assert_eq!(faults(&client.post(EMPLOYEES, &own).await.expect(422)), [("/manager", "reporting-cycle")]);

        client.post(TEAMS, &json!({ "code": "a", "name": "A" })).await.expect(201);
        client.post(TEAMS, &json!({ "code": "b", "name": "B", "parent": "a" })).await.expect(201);
        let circle = client.patch(&format!("{TEAMS}/a"), "*", &json!({ "parent": "b" })).await.expect(422);
        assert_eq!(faults(&circle), [("/parent", "team-cycle")]);
        let wrong = json!({ "code": "a", "name": "A", "parent": "zz", "lead": "zz" });
        let wrong = client.post(TEAMS, &wrong).await.expect(422);
        assert_eq!(faults(&wrong), [("/code", "code-taken"), ("/parent", "unknown-team"), ("/lead", "unknown-employee")]);
        for (path, code) in [
            (format!("{EMPLOYEES}/nobody"), "employee-not-found"),
            (format!("{EMPLOYEES}/{}/reports", Uuid::now_v7()), "employee-not-found"),
            (format!("{TEAMS}/nowhere"), "team-not-found"),
        ] {
            assert_eq!(client.get(&path).await.problem(), (404, code));
        }
    }

    async fn the_personnel_system_sends_whom_it_knows(db: TestDb) {
        let (_app, client) = start(db).await;
        let key = format!("{EMPLOYEES}/external/hr/0007");
        assert_eq!(faults(&client.put(&key, &json!({})).await.expect(422)), [("/code", "blank"), ("/name", "blank")]);
        let created: Employee = client.put(&key, &json!({ "code": "li.wei", "name": "Li" })).await.read(201);
        assert_eq!(created.external_ids[0].id, "0007");
        let changed: Employee = client.put(&key, &json!({ "title": "Head" })).await.read(200);
        assert_eq!((changed.id, changed.version, changed.title.as_deref()), (created.id, 2, Some("Head")));
        assert_eq!(client.put(&key, &json!({ "title": "Head" })).await.read::<Employee>(200).version, 2);
        let other = client.put(&key, &json!({ "code": "li.na" })).await.expect(422);
        assert_eq!(faults(&other), [("/code", "code-fixed")]);
        let linked: Employee = client.put(&format!("{EMPLOYEES}/external/payroll/9"), &json!({ "code": "li.wei" })).await.read(200);
        assert_eq!((linked.id, linked.external_ids.len()), (created.id, 2), "the code is the same person's");
    }

    async fn an_older_record_of_somebody_overwrites_no_newer_one(db: TestDb) {
        let (_app, client) = start(db).await;
        let at = |day: u32, mut record: Value| {
            record["source_updated_at"] = json!(format!("2026-03-{day:02}T00:00:00Z"));
            record
        };
        let records = [
            at(1, json!({ "code": "li", "name": "Li", "title": "Clerk", "email": "li@example.com", "active_from": "2020-01-01" })),
            at(2, json!({ "code": "li", "name": "Li Wei", "title": null })),
            at(3, json!({ "code": "li", "name": "Li", "rank": 4, "active_until": "2099-01-01" })),
        ];
        let mut seen = vec![];
        for (number, order) in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].into_iter().enumerate() {
            let code = format!("li{number}");
            let key = format!("{EMPLOYEES}/external/hr/{number}");
            let mine = |at: usize| {
                let mut record = records[at].clone();
                record["code"] = json!(code);
                record
            };
            for (index, &next) in order.iter().enumerate() {
                client.put(&key, &mine(next)).await.expect(if index == 0 { 201 } else { 200 });
            }
            let version = client.put(&key, &mine(2)).await.expect(200)["version"].clone();
            let rows = json!({ "employees": [mine(0)] });
            let late = client.post(&format!("{EMPLOYEES}/bulk"), &rows).await.expect(200);
            assert_eq!(late["results"][0]["employee"]["version"], version, "told by its code it is as old");
            let now = client.get(&format!("{EMPLOYEES}/{code}")).await.expect(200);
            seen.push(["name", "title", "email", "rank", "active_from", "active_until"].map(|name| now[name].clone()));
        }
        let expected = [json!("Li"), json!(null), json!("li@example.com"), json!(4), json!("2020-01-01"), json!("2099-01-01")];
        assert!(seen.iter().all(|one| *one == expected), "{seen:?}");

        // A person, and a record that does not say how new it is, are taken as ever.
        let path = format!("{EMPLOYEES}/li0");
        client.patch(&path, "*", &json!({ "title": "Head" })).await.expect(200);
        let told: Employee = client.put(&format!("{EMPLOYEES}/external/hr/0"), &json!({ "name": "Li Min" })).await.read(200);
        assert_eq!((told.name.as_str(), told.title.as_deref()), ("Li Min", Some("Head")));
        let other = client.put(&format!("{EMPLOYEES}/external/hr/0"), &at(1, json!({ "code": "zhao" }))).await.expect(422);
        assert_eq!(faults(&other), [("/code", "code-fixed")]);
    }

    async fn many_come_at_once_in_any_order(db: TestDb) {
        let (_app, client) = start(db).await;
        employ(&client, json!({ "code": "zhao", "name": "Zhao" })).await;
        let rows = json!({ "employees": [
            { "code": "wang", "name": "Wang", "manager": "li" },
            { "code": "li", "name": "Li", "manager": "zhao" },
            { "code": "zhao", "title": "Head" },
        ] });
        let result: BulkEmployeesResult = client.post(&format!("{EMPLOYEES}/bulk"), &rows).await.read(200);
        let statuses: Vec<_> = result.results.iter().map(|row| row.status).collect();
        assert_eq!((statuses, result.failed), (vec![201, 201, 200], 0));
        assert_eq!(reports(&client, "zhao", 9).await, below(&[(1, "li"), (2, "wang")]));
        let again: BulkEmployeesResult = client.post(&format!("{EMPLOYEES}/bulk"), &rows).await.read(200);
        assert!(again.results.iter().all(|row| row.status == 200), "{again:?}");

        let bad = json!({ "employees": [
            { "code": "x", "name": "X", "manager": "y" },
            { "code": "y", "name": "Y", "manager": "x" },
            { "code": "v", "name": "V", "manager": "x" },
            { "code": "w", "name": "W", "manager": "li" },
            { "name": "No code" },
            { "code": "w", "name": "Twice" },
            { "code": "u", "name": "U", "rank": "high" },
        ] });
        let refused = client.post(&format!("{EMPLOYEES}/bulk"), &bad).await.expect(422);
        assert_eq!(
            faults(&refused),
            [
                ("/employees/0/manager", "reporting-cycle"),
                ("/employees/1/manager", "reporting-cycle"),
                ("/employees/2/manager", "unknown-employee"),
                ("/employees/4/code", "missing"),
                ("/employees/5/code", "not-unique"),
                ("/employees/6/rank", "wrong-type"),
            ]
        );
        assert_eq!(client.count(EMPLOYEES).await, 3, "all or none");
        let some: BulkEmployeesResult = client.post(&format!("{EMPLOYEES}/bulk?mode=per_row"), &bad).await.read(200);
        assert_eq!((some.succeeded, some.failed), (1, 6));
        assert_eq!(client.count(EMPLOYEES).await, 4);
    }

    async fn every_change_of_staff_is_told_whole_and_told_again(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[v1::EMPLOYEE_CHANGED]).await;
        let east: Team = client.post(TEAMS, &json!({ "code": "east-china", "name": "East China" })).await.read(201);
        let li = employ(&client, json!({ "code": "li.wei", "name": "李伟", "active_from": "2024-01-01", "email": "li@example.com" })).await;
        let path = format!("{EMPLOYEES}/li.wei");
        client.patch(&path, "*", &json!({ "team": "east-china" })).await.expect(200);
        client.patch(&path, "*", &json!({ "team": "east-china" })).await.expect(200);
        client.patch(&format!("{TEAMS}/east-china"), "*", &json!({ "lead": "li.wei" })).await.expect(200);
        client.patch(&format!("{TEAMS}/east-china"), "*", &json!({ "name": "East China sales" })).await.expect(200);
        assert_eq!(client.get(&path).await.etag(), "\"4\"", "what is told of him is another version");
        app.drain_outbox().await;
        let told = tap.events::<v1::EmployeeChanged>().await;
        let teams: Vec<_> = told
            .iter()
            .map(|v1::EmployeeChanged(fact)| {
                let team = fact.team.as_ref();
                (fact.sequence, team.map(|team| team.name.as_str()), team.and_then(|team| team.lead_id))
            })
            .collect();
        let expected = [
            (1, None, None),
            (2, Some("East China"), None),
            (3, Some("East China"), Some(li.id)),
            (4, Some("East China sales"), Some(li.id)),
        ];
        assert_eq!(teams, expected);
        let ids = [(li.id.to_string(), 8), (east.id.to_string(), 9)];
        let with_golden_ids = |event: &v1::EmployeeChanged| -> Value {
            let text = serde_json::to_string(event).expect("events are JSON");
            let renamed = |text: String, (id, number): &(String, u8)| {
                text.replace(id, &format!("0190f3a0-0000-7000-8000-00000000000{number}"))
            };
            serde_json::from_str(&ids.iter().fold(text, renamed)).expect("JSON")
        };
        assert_eq!(with_golden_ids(&told[3]), golden::<v1::EmployeeChanged>());
        let text = serde_json::to_string(&tap.envelopes().await).expect("JSON");
        assert!(!text.contains("李伟") && !text.contains("li@example.com"), "{text}");

        let rows = json!({ "employees": [
            { "code": "li.wei", "active_until": "2027-01-01" },
            { "code": "wang", "name": "Wang", "team": "east-china", "manager": "li.wei" },
            { "code": "zhao", "name": " " },
        ] });
        client.post(&format!("{EMPLOYEES}/bulk"), &rows).await.expect(422);
        client.post(&format!("{EMPLOYEES}/bulk?mode=per_row"), &rows).await.expect(200);
        client.put(&format!("{EMPLOYEES}/external/hr/1"), &json!({ "code": "wang", "team": null })).await.expect(200);
        app.drain_outbox().await;
        let told = tap.events::<v1::EmployeeChanged>().await;
        let managers: Vec<_> = told[4..].iter().map(|v1::EmployeeChanged(fact)| fact.manager_id).collect();
        assert_eq!(managers, [None, Some(li.id), Some(li.id)]);
        let told: Vec<_> = told[4..]
            .iter()
            .map(|v1::EmployeeChanged(fact)| (fact.code.as_str(), fact.sequence, fact.team.is_some(), fact.active_until.is_some()))
            .collect();
        assert_eq!(told, [("li.wei", 5, true, true), ("wang", 1, true, false), ("wang", 2, false, false)]);

        let again = app.bus.tap(&[v1::EMPLOYEE_CHANGED]).await;
        assert_eq!(republish(&app).await, 2);
        let again = again.events::<v1::EmployeeChanged>().await;
        let again: Vec<_> = again.iter().map(|v1::EmployeeChanged(fact)| (fact.code.as_str(), fact.sequence)).collect();
        assert_eq!(again, [("li.wei", 5), ("wang", 2)]);
    }

    async fn two_who_turn_a_tree_round_at_once_make_no_circle(db: TestDb) {
        let (_app, client) = start(db).await;
        employ(&client, json!({ "code": "a", "name": "A" })).await;
        employ(&client, json!({ "code": "b", "name": "B" })).await;
        let (to_b, to_a) = (json!({ "manager": "b" }), json!({ "manager": "a" }));
        let (a, b) = (format!("{EMPLOYEES}/a"), format!("{EMPLOYEES}/b"));
        let answers = futures::future::join(client.patch(&a, "*", &to_b), client.patch(&b, "*", &to_a)).await;
        let mut statuses = [answers.0.status, answers.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
    }
}
